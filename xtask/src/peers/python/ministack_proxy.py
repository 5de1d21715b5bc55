"""Stands before a ministack: it corrects four of its answers, and lets an image go wrong where a check asks for it.

`startedBy` of a service's tasks: ECS says there which deployment started a task, and ministack the service's name. What
is written instead is the id of the deployment, by ministack's own word, whose task definition the task has; where none
has it, the answer is left as it is.

`ListServiceDeployments`: ministack has no service deployments, and answers with an empty list, as if one were only late.
What is answered instead is ECS's error for services that have none, so that nobody waits two minutes for it.

`DescribeServices`: with ECS a deployment that failed vanishes when it has no tasks left, and ministack lists it for ever.
It is left out ten seconds after it failed; until then a service counts as one that is being deployed.

A manifest that is not there: ECS waits ever longer before it starts another task in the place of one that failed, and
ministack does not wait at all. So whoever pulls is told after a second.

`PUT /_images/DIGEST/gone`: this image of the repository `app` is deleted as soon as a task definition that names it is
registered. `PUT /_images/DIGEST/slow`: whoever asks for its manifest waits until this program ends, or gives up.

Everything else passes unchanged. Each call of ECS is a line of the output, with how it ended.
Usage: ministack_proxy.py PORT UPSTREAM_PORT
"""

import http.client
import http.server
import json
import sys
import time

UPSTREAM = ("127.0.0.1", int(sys.argv[2]))
TARGET = "AmazonEC2ContainerServiceV20141113."
NONE_OFFERED = json.dumps({"__type": "UnsupportedFeatureException", "message": "The feature is not supported."}).encode()
# What concerns one connection only.
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
PAUSE_AFTER_FAILURE = 1
SHOWN_AFTER_FAILURE = 10
WAIT_FOR_SLOW = 600

gone, slow = set(), set()


def exchange(method, path, headers, body):
    connection = http.client.HTTPConnection(*UPSTREAM, timeout=120)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


def deployments(headers, cluster, service):
    """The deployments of a service, the primary one first, as ministack describes them."""
    question = json.dumps({"cluster": cluster, "services": [service]}).encode()
    asked = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    asked["X-Amz-Target"] = TARGET + "DescribeServices"
    _, _, body = exchange("POST", "/", asked, question)
    described = [one for found in json.loads(body).get("services", []) for one in found.get("deployments", [])]
    return sorted(described, key=lambda deployment: deployment.get("status") != "PRIMARY")


def corrected(headers, body):
    answer = json.loads(body)
    known = {}
    for task in answer.get("tasks", []):
        kind, _, service = task.get("group", "").partition(":")
        if kind != "service" or task.get("startedBy") != service:
            continue
        cluster = task["clusterArn"]
        if (cluster, service) not in known:
            known[cluster, service] = deployments(headers, cluster, service)
        same = [one["id"] for one in known[cluster, service] if one.get("taskDefinition") == task["taskDefinitionArn"]]
        task["startedBy"] = same[0] if same else task["startedBy"]
    return json.dumps(answer).encode()


def without_what_failed(body):
    answer = json.loads(body)
    latest = time.time() - SHOWN_AFTER_FAILURE
    for service in answer.get("services", []):
        service["deployments"] = [
            one
            for one in service["deployments"]
            if one["status"] == "PRIMARY" or one.get("rolloutState") != "FAILED" or one["updatedAt"] > latest
        ]
    return json.dumps(answer).encode()


def delete_what_is_to_go(body):
    """At the registry, as its owner would: ministack's BatchDeleteImage leaves the manifest for whoever pulls it."""
    for digest in [digest for digest in gone if digest.encode() in body]:
        status, _, _ = exchange("DELETE", f"/v2/app/manifests/{digest}", {}, b"")
        print(f"{digest} is deleted: {status}", flush=True)


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        is_manifest = self.path.startswith("/v2/") and "/manifests/" in self.path
        if is_manifest and any(self.path.endswith(digest) for digest in slow):
            time.sleep(WAIT_FOR_SLOW)
        status, answered, content = exchange(self.command, self.path, headers, body)
        if is_manifest and status == 404:
            time.sleep(PAUSE_AFTER_FAILURE)
        status, content = self.treated(headers, body, status, content)
        lengths = [value for name, value in answered if name.lower() == "content-length"]
        self.answer(status, answered, content, lengths[0] if self.command == "HEAD" and lengths else len(content))

    def treated(self, headers, body, status, content):
        target = self.headers.get("X-Amz-Target", "")
        if not target.startswith(TARGET):
            return status, content
        operation = target.removeprefix(TARGET)
        print(f"{operation} {status}", flush=True)
        if status == 200 and operation == "RegisterTaskDefinition":
            delete_what_is_to_go(body)
        if status == 200 and operation == "DescribeTasks":
            return status, corrected(headers, content)
        if status == 200 and operation == "DescribeServices":
            return status, without_what_failed(content)
        if status == 200 and operation == "ListServiceDeployments" and not json.loads(content)["serviceDeployments"]:
            return 400, NONE_OFFERED
        return status, content

    def answer(self, status, headers, content, length):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(content)

    def do_PUT(self):
        if not self.path.startswith("/_images/"):
            return self.pass_on()
        _, _, digest, what = self.path.split("/")
        {"gone": gone, "slow": slow}[what].add(digest)
        return self.answer(200, [], b"{}", 2)

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = pass_on

    def log_message(self, form, *words):
        """Requests are no news; what is, is printed where it happens."""


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Proxy).serve_forever()
