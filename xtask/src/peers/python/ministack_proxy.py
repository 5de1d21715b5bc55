"""Stands before a ministack and corrects two of its answers.

`startedBy` of a service's tasks: ECS says there which deployment started a task, and ministack the service's name. What
is written instead is the id of the deployment, by ministack's own word, whose task definition the task has; where none
has it, the answer is left as it is.

`ListServiceDeployments`: ministack has no service deployments, and answers with an empty list, as if one were only late.
What is answered instead is ECS's error for services that have none, so that nobody waits two minutes for it.

Everything else passes unchanged. Usage: ministack_proxy.py PORT UPSTREAM_PORT
"""

import http.client
import http.server
import json
import sys

UPSTREAM = ("127.0.0.1", int(sys.argv[2]))
TARGET = "AmazonEC2ContainerServiceV20141113."
NONE_OFFERED = json.dumps({"__type": "UnsupportedFeatureException", "message": "The feature is not supported."}).encode()
# What concerns one connection only.
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


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


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        status, answered, content = exchange(self.command, self.path, headers, body)
        operation = self.headers.get("X-Amz-Target", "").removeprefix(TARGET)
        if status == 200 and operation == "DescribeTasks":
            content = corrected(headers, content)
        if status == 200 and operation == "ListServiceDeployments" and not json.loads(content)["serviceDeployments"]:
            status, content = 400, NONE_OFFERED
        self.send_response_only(status)
        for name, value in answered:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = pass_on

    def log_message(self, form, *words):
        print(form % words, flush=True)


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Proxy).serve_forever()
