"""Clients of S3 and CloudFront against the simulator, each as its users use it.

Prints a JSON line for each check, `{"check": ..., "problem": ...}`, with `"not-run"` and a reason where the program is
not on the machine; run by `cargo xtask peers`, which gives it the environment of a simulator with the world of
`storage.toml`, and a folder to write into.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

SCRATCH = Path(sys.argv[1])
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
MIB = 1024 * 1024
AWS = str(Path(os.environ["PEER_BINARIES"]) / "aws")

s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}))
cloudfront = boto3.client("cloudfront")


class NotRun(Exception):
    """The program is not there."""


def same(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what} is {found!r}, not {expected!r}")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        same(error.response["Error"]["Code"], code, "the error")
    else:
        raise AssertionError(f"it was not refused with {code}")


def run(*words, **more):
    """Runs a program and answers what it printed; `fails=True` wants it to fail."""
    fails = more.pop("fails", False)
    ended = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, **more)
    if (ended.returncode != 0) != fails:
        raise AssertionError(f"{words[0]} ended with {ended.returncode}: {ended.stdout[-600:]} {ended.stderr[-600:]}")
    return ended.stdout + ended.stderr if fails else ended.stdout


def program(name):
    beside = Path(os.environ["PEER_BINARIES"]) / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        raise NotRun(f"{name} is not on this machine")
    return found


def tree(name, files=40, size=3000):
    """A folder of files whose content depends on its name."""
    folder = SCRATCH / name
    for number in range(files):
        path = folder / f"assets/{number % 4}" / f"file {number} é+~.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(hashlib.sha256(f"{name}{number}".encode()).digest() * (size // 32))
    (folder / "index.html").write_text(f"<html>{name}</html>")
    for path in folder.rglob("*"):
        # S3 knows instants to the second: what is as new as its copy would be sent again.
        os.utime(path, (time.time() - 3600, time.time() - 3600))
    return folder


def keys(bucket, prefix=""):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": 7})
    return sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def check_boto3_conditional_writes():
    put = {"Bucket": "peer-site", "Key": "lock", "Body": b"mine"}
    tag = s3.put_object(IfNoneMatch="*", **put)["ETag"]
    refused("PreconditionFailed", s3.put_object, IfNoneMatch="*", **put)
    refused("PreconditionFailed", s3.put_object, IfMatch='"0"', **put)
    s3.put_object(IfMatch=tag, **put)
    refused("PreconditionFailed", s3.delete_object, Bucket="peer-site", Key="lock", IfMatch='"0"')
    s3.delete_object(Bucket="peer-site", Key="lock", IfMatch=tag)
    refused("NoSuchKey", s3.get_object, Bucket="peer-site", Key="lock")


def check_boto3_checksums():
    # boto3 computes the last two only with a library of its own; here it is told them.
    known = {"CRC32": None, "SHA1": None, "SHA256": None, "CRC32C": "4waSgw==", "CRC64NVME": "rosUhgp5mIg="}
    for algorithm, value in known.items():
        told = {f"Checksum{algorithm}": value} if value else {"ChecksumAlgorithm": algorithm}
        s3.put_object(Bucket="peer-site", Key="sum", Body=b"123456789", **told)
        head = s3.head_object(Bucket="peer-site", Key="sum", ChecksumMode="ENABLED")
        if not head.get(f"Checksum{algorithm}") or (value and head[f"Checksum{algorithm}"] != value):
            raise AssertionError(f"there is no right {algorithm} in {head}")
        same(s3.get_object(Bucket="peer-site", Key="sum")["Body"].read(), b"123456789", "the body")
    refused("BadDigest", s3.put_object, Bucket="peer-site", Key="bad", Body=b"x", ChecksumCRC32="AAAAAA==")


def check_boto3_large_file():
    path = SCRATCH / "large"
    path.write_bytes(os.urandom(MIB) * 40)
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    s3.upload_file(str(path), "peer-site", "large", Config=config)
    head = s3.head_object(Bucket="peer-site", Key="large")
    same((head["ContentLength"], head["ETag"][-3:]), (40 * MIB, '-5"'), "the size and the tag")
    s3.download_file("peer-site", "large", str(path) + ".back", Config=config)
    if path.read_bytes() != (SCRATCH / "large.back").read_bytes():
        raise AssertionError("what comes back is not what was sent")
    s3.copy({"Bucket": "peer-site", "Key": "large"}, "peer-site", "large-copy", Config=config)
    same(s3.head_object(Bucket="peer-site", Key="large-copy")["ContentLength"], 40 * MIB, "the size of the copy")
    answer = s3.delete_objects(Bucket="peer-site", Delete={"Objects": [{"Key": "large"}, {"Key": "large-copy"}]})
    same(sorted(deleted["Key"] for deleted in answer["Deleted"]), ["large", "large-copy"], "what was deleted")


def check_boto3_versions():
    s3.create_bucket(Bucket="peer-versions", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_bucket_versioning(Bucket="peer-versions", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="peer-versions", Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket="peer-versions", Key="a", Body=b"2")
    s3.delete_object(Bucket="peer-versions", Key="a")
    refused("NoSuchKey", s3.get_object, Bucket="peer-versions", Key="a")
    same(s3.get_object(Bucket="peer-versions", Key="a", VersionId=first)["Body"].read(), b"1", "the first version")
    listed = s3.list_object_versions(Bucket="peer-versions")
    same((len(listed["Versions"]), len(listed["DeleteMarkers"])), (2, 1), "the versions and the markers")
    doomed = [{"Key": "a", "VersionId": one["VersionId"]} for one in listed["Versions"] + listed["DeleteMarkers"]]
    s3.delete_objects(Bucket="peer-versions", Delete={"Objects": doomed})
    s3.delete_bucket(Bucket="peer-versions")


def check_boto3_finds_another_region():
    same(s3.get_bucket_location(Bucket="peer-far")["LocationConstraint"], "eu-central-1", "the region")
    follows = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
    follows.put_object(Bucket="peer-far", Key="a", Body=b"far")
    same(follows.get_object(Bucket="peer-far", Key="a")["Body"].read(), b"far", "the body")


def check_boto3_invalidation():
    def view():
        request = urllib.request.Request(ENDPOINT + "/", headers={"Host": "e1peer.cloudfront.localhost"})
        with urllib.request.urlopen(request) as answer:
            return answer.read(), answer.headers["x-cache"]

    same(view(), (b"one", "Miss from cloudfront"), "the first view")
    s3.put_object(Bucket="peer-site", Key="index.html", Body=b"two", ContentType="text/html")
    same(view(), (b"one", "Hit from cloudfront"), "the second view")
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "peer-1"}
    made = cloudfront.create_invalidation(DistributionId="E1PEER", InvalidationBatch=batch)["Invalidation"]
    again = cloudfront.create_invalidation(DistributionId="E1PEER", InvalidationBatch=batch)["Invalidation"]
    same(again["Id"], made["Id"], "the invalidation of the same reference")
    waiter = cloudfront.get_waiter("invalidation_completed")
    waiter.wait(DistributionId="E1PEER", Id=made["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    same(view()[0], b"two", "the view after the invalidation")
    listed = cloudfront.list_invalidations(DistributionId="E1PEER")["InvalidationList"]
    same(listed["Items"][0]["Status"], "Completed", "the listed invalidation")
    config = cloudfront.get_distribution_config(Id="E1PEER")
    config["DistributionConfig"]["Comment"] = "changed"
    changed = cloudfront.update_distribution(Id="E1PEER", IfMatch=config["ETag"], DistributionConfig=config["DistributionConfig"])
    same(changed["Distribution"]["DistributionConfig"]["Comment"], "changed", "the comment")
    same(len(cloudfront.list_distributions()["DistributionList"]["Items"]), 1, "the distributions")


def check_aws_s3():
    folder = tree("aws")
    run(AWS, "s3", "mb", "s3://peer-aws")
    run(AWS, "s3", "sync", "--only-show-errors", folder, "s3://peer-aws/site")
    same(keys("peer-aws", "site/"), [f"site/{name}" for name in files(folder)], "the keys")
    same(run(AWS, "s3", "sync", folder, "s3://peer-aws/site"), "", "what a second sync says")
    back = SCRATCH / "aws-back"
    run(AWS, "s3", "cp", "--only-show-errors", "--recursive", "s3://peer-aws/site", back)
    for name in files(folder):
        same((back / name).read_bytes(), (folder / name).read_bytes(), name)
    listed = run(AWS, "s3", "ls", "s3://peer-aws/site/")
    if "PRE assets/" not in listed or "index.html" not in listed:
        raise AssertionError(f"the listing is {listed}")
    address = run(AWS, "s3", "presign", "s3://peer-aws/site/index.html").strip()
    same(urllib.request.urlopen(address).read(), (folder / "index.html").read_bytes(), "the presigned object")
    (folder / "index.html").unlink()
    run(AWS, "s3", "sync", "--only-show-errors", "--delete", folder, "s3://peer-aws/site")
    same(keys("peer-aws", "site/"), [f"site/{name}" for name in files(folder)], "the keys after a deletion")
    run(AWS, "s3", "mv", "--only-show-errors", "--recursive", "s3://peer-aws/site", "s3://peer-aws/moved")
    same(len(keys("peer-aws", "moved/")), len(files(folder)), "how many keys were moved")
    run(AWS, "s3", "rb", "--force", "s3://peer-aws")


def check_aws_s3_large_file():
    path = SCRATCH / "aws-large"
    path.write_bytes(os.urandom(MIB) * 20)
    run(AWS, "s3", "cp", "--only-show-errors", path, "s3://peer-site/aws-large")
    run(AWS, "s3", "cp", "--only-show-errors", "s3://peer-site/aws-large", str(path) + ".back")
    same((SCRATCH / "aws-large.back").read_bytes() == path.read_bytes(), True, "that it comes back")
    run(AWS, "s3", "rm", "s3://peer-site/aws-large")


def check_aws_s3api():
    path = SCRATCH / "body"
    path.write_text("body")
    put = (AWS, "s3api", "put-object", "--bucket", "peer-site", "--key", "api", "--body", path)
    tag = json.loads(run(*put, "--if-none-match", "*"))["ETag"]
    said = run(*put, "--if-none-match", "*", fails=True)
    if "PreconditionFailed" not in said:
        raise AssertionError(said)
    run(*put, "--if-match", tag)
    upload = json.loads(run(AWS, "s3api", "create-multipart-upload", "--bucket", "peer-site", "--key", "parts"))["UploadId"]
    about = ("--bucket", "peer-site", "--key", "parts", "--upload-id", upload)
    part = json.loads(run(AWS, "s3api", "upload-part", *about, "--part-number", "1", "--body", path))
    listed = json.loads(run(AWS, "s3api", "list-parts", *about))
    same(listed["Parts"][0]["ETag"], part["ETag"], "the listed part")
    parts = json.dumps({"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    run(AWS, "s3api", "complete-multipart-upload", *about, "--multipart-upload", parts)
    same(s3.get_object(Bucket="peer-site", Key="parts")["Body"].read(), b"body", "the object of one part")
    run(AWS, "s3api", "list-object-versions", "--bucket", "peer-site", "--prefix", "parts")
    run(AWS, "s3api", "head-bucket", "--bucket", "peer-site")


def check_aws_cloudfront():
    made = json.loads(run(AWS, "cloudfront", "create-invalidation", "--distribution-id", "E1PEER", "--paths", "/a", "/b*"))
    about = ("--distribution-id", "E1PEER", "--id", made["Invalidation"]["Id"])
    same(json.loads(run(AWS, "cloudfront", "get-invalidation", *about))["Invalidation"]["Status"] in ("InProgress", "Completed"), True, "the status")
    body = json.dumps({"seconds": 60}).encode()
    urllib.request.urlopen(ENDPOINT + "/_sim/advance", body).read()
    run(AWS, "cloudfront", "wait", "invalidation-completed", *about)
    said = run(AWS, "cloudfront", "create-invalidation", "--distribution-id", "E1PEER", "--paths", "/a~b", fails=True)
    if "InvalidArgument" not in said:
        raise AssertionError(said)


def check_s5cmd():
    s5cmd = program("s5cmd")
    folder = tree("s5cmd")
    base = (s5cmd, "--endpoint-url", ENDPOINT, "--log", "error")
    run(*base, "mb", "s3://peer-s5cmd")
    run(*base, "sync", "--delete", f"{folder}/", "s3://peer-s5cmd/site/")
    same(keys("peer-s5cmd", "site/"), [f"site/{name}" for name in files(folder)], "the keys")
    same(run(s5cmd, "--endpoint-url", ENDPOINT, "sync", f"{folder}/", "s3://peer-s5cmd/site/"), "", "what a second sync says")
    run(*base, "cp", "s3://peer-s5cmd/site/index.html", SCRATCH / "s5cmd.html")
    same((SCRATCH / "s5cmd.html").read_text(), "<html>s5cmd</html>", "the object")
    run(*base, "rm", "s3://peer-s5cmd/*")
    same(keys("peer-s5cmd"), [], "what is left")


def check_rclone():
    rclone = program("rclone")
    folder = tree("rclone")
    remote = f":s3,provider=Other,env_auth=true,region=us-west-2,force_path_style=true,endpoint='{ENDPOINT}':"
    run(rclone, "mkdir", f"{remote}peer-rclone")
    for flags in ((), ("--checksum", "--transfers", "64")):
        run(rclone, "sync", *flags, folder, f"{remote}peer-rclone/site")
    same(keys("peer-rclone", "site/"), [f"site/{name}" for name in files(folder)], "the keys")
    run(rclone, "check", folder, f"{remote}peer-rclone/site")
    run(rclone, "purge", f"{remote}peer-rclone")


TERRAFORM = """
terraform {
  backend "s3" {
    bucket                      = "peer-state"
    key                         = "shop/terraform.tfstate"
    region                      = "us-west-2"
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    endpoints                   = { s3 = "ENDPOINT" }
  }
}

resource "terraform_data" "release" {
  input = "1.0.0"
}

output "release" {
  value = terraform_data.release.output
}
"""


def check_terraform():
    terraform = program("terraform")
    s3.create_bucket(Bucket="peer-state", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    folder = SCRATCH / "terraform"
    folder.mkdir()
    (folder / "main.tf").write_text(TERRAFORM.replace("ENDPOINT", ENDPOINT))
    (folder / "terraform.rc").write_text("disable_checkpoint = true\n")
    kept = {name: value for name, value in os.environ.items() if name not in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")}
    environment = {**kept, "TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"), "TF_IN_AUTOMATION": "1"}
    run(terraform, "init", "-no-color", "-input=false", cwd=folder, env=environment)
    run(terraform, "apply", "-no-color", "-auto-approve", cwd=folder, env=environment)
    same(keys("peer-state"), ["shop/terraform.tfstate"], "the state, without its lock")
    lock = {"ID": "0", "Operation": "peer", "Info": "", "Who": "somebody", "Version": "1", "Created": "2026-03-02T09:00:00Z", "Path": "x"}
    s3.put_object(Bucket="peer-state", Key="shop/terraform.tfstate.tflock", Body=json.dumps(lock).encode())
    said = run(terraform, "apply", "-no-color", "-auto-approve", cwd=folder, env=environment, fails=True)
    if "Error acquiring the state lock" not in said or "412" not in said:
        raise AssertionError(said)
    s3.delete_object(Bucket="peer-state", Key="shop/terraform.tfstate.tflock")
    same(run(terraform, "output", "-raw", "release", cwd=folder, env=environment), "1.0.0", "the output")


CHECKS = {
    "boto3 writes on conditions": check_boto3_conditional_writes,
    "boto3's checksums are verified and kept": check_boto3_checksums,
    "boto3 sends a large file in parts, gets it back and copies it": check_boto3_large_file,
    "boto3 keeps versions": check_boto3_versions,
    "boto3 follows a bucket to its region": check_boto3_finds_another_region,
    "boto3 invalidates, waits, and the edge is new": check_boto3_invalidation,
    "aws s3 mb, sync, cp, ls, presign, mv and rb": check_aws_s3,
    "aws s3 cp of a large file": check_aws_s3_large_file,
    "aws s3api with conditions and parts": check_aws_s3api,
    "s5cmd syncs, copies and removes": check_s5cmd,
    "rclone syncs and checks": check_rclone,
    "terraform keeps its state behind a lock file": check_terraform,
    # It moves the clock, and s5cmd does not see what is newer than now: so it comes last.
    "aws cloudfront create-invalidation and wait": check_aws_cloudfront,
}


def main():
    for name, check in CHECKS.items():
        line = {"check": name, "problem": None}
        try:
            check()
        except NotRun as reason:
            line["not-run"] = str(reason)
        except Exception as error:  # A check that breaks is a check that fails.
            line["problem"] = f"{type(error).__name__}: {error}"
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
