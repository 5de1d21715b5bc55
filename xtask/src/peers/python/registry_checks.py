"""boto3 against the simulator's ECR: layers, manifests, lifecycle policies, scans and policies of repositories.

Prints a JSON line for each check, `{"check": ..., "problem": ...}`; run by `cargo xtask peers`, which gives it the
environment of a simulator with the world of `world_of_images.toml`.
"""

import base64
import hashlib
import json
import os
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import ClientError

from shapes import Witness

witness = Witness()
ecr = boto3.client("ecr")
witness.watch(ecr)

OCI = "application/vnd.oci.image"
SHOP = {"repositoryName": "peer/boto"}
PART = 5 * 1024 * 1024


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


def advance(seconds):
    body = json.dumps({"seconds": seconds}).encode()
    urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_sim/advance", body).read()


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def upload(content):
    upload_id = ecr.initiate_layer_upload(**SHOP)["uploadId"]
    for first in range(0, len(content), PART):
        part = content[first : first + PART]
        ecr.upload_layer_part(
            **SHOP, uploadId=upload_id, partFirstByte=first, partLastByte=first + len(part) - 1, layerPartBlob=part
        )
    done = ecr.complete_layer_upload(**SHOP, uploadId=upload_id, layerDigests=[sha256(content)])
    same(done["layerDigest"], sha256(content), "the digest of the layer")


def manifest(text):
    config = json.dumps({"os": "linux", "architecture": "amd64", "config": {}}).encode()
    layer = text.encode() * 1024
    part = lambda kind, content: {"mediaType": f"{OCI}.{kind}", "digest": sha256(content), "size": len(content)}
    document = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": part("config.v1+json", config),
        "layers": [part("layer.v1.tar", layer)],
    }
    return config, layer, json.dumps(document)


def push(text, tag):
    config, layer, document = manifest(text)
    have = ecr.batch_check_layer_availability(**SHOP, layerDigests=[sha256(config), sha256(layer)])["layers"]
    for content, layer in zip((config, layer), have):
        if layer["layerAvailability"] == "UNAVAILABLE":
            upload(content)
    return ecr.put_image(**SHOP, imageManifest=document, imageTag=tag)["image"]["imageId"]["imageDigest"]


def check_layers_in_parts():
    ecr.create_repository(**SHOP)
    content = os.urandom(PART + 1000)
    upload(content)
    url = ecr.get_download_url_for_layer(**SHOP, layerDigest=sha256(content))["downloadUrl"]
    request = urllib.request.Request(url, headers={"Range": "bytes=10-19"})
    same(urllib.request.urlopen(url).read(), content, "the layer")
    same(urllib.request.urlopen(request).read(), content[10:20], "a part of the layer")
    refused("LayersNotFoundException", ecr.get_download_url_for_layer, **SHOP, layerDigest=sha256(b""))
    upload_id = ecr.initiate_layer_upload(**SHOP)["uploadId"]
    refused("EmptyUploadException", ecr.complete_layer_upload, **SHOP, uploadId=upload_id, layerDigests=[sha256(b"")])
    wrong = {"uploadId": upload_id, "partFirstByte": 1, "partLastByte": 1, "layerPartBlob": b"x"}
    refused("InvalidLayerPartException", ecr.upload_layer_part, **SHOP, **wrong)


def check_an_image_and_its_refusals():
    _, _, document = manifest("one")
    refused("LayersNotFoundException", ecr.put_image, **SHOP, imageManifest=document, imageTag="1")
    digest = push("one", "1")
    same(digest, sha256(document.encode()), "the digest")
    refused("ImageAlreadyExistsException", ecr.put_image, **SHOP, imageManifest=document, imageTag="1")
    other = {"imageManifest": document, "imageDigest": sha256(b"other")}
    refused("ImageDigestDoesNotMatchException", ecr.put_image, **SHOP, **other)
    entry = {"mediaType": f"{OCI}.manifest.v1+json", "digest": sha256(b"no image"), "size": 1}
    index = {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": [entry]}
    refused("ReferencedImagesNotFoundException", ecr.put_image, **SHOP, imageManifest=json.dumps(index))


def check_tags_that_may_not_move():
    filters = [{"filterType": "WILDCARD", "filter": "latest*"}]
    ecr.put_image_tag_mutability(
        **SHOP, imageTagMutability="IMMUTABLE_WITH_EXCLUSION", imageTagMutabilityExclusionFilters=filters
    )
    described = ecr.describe_repositories(repositoryNames=["peer/boto"])["repositories"][0]
    same(described["imageTagMutabilityExclusionFilters"], filters, "the filters")
    push("two", "latest")
    push("one", "latest")
    _, _, two = manifest("two")
    refused("ImageTagAlreadyExistsException", ecr.put_image, **SHOP, imageManifest=two, imageTag="1")


def check_a_scan():
    image = {"repositoryName": "peer/app", "imageId": {"imageTag": "scanned"}}
    app = {"repositoryName": "peer/app"}
    config, layer, document = manifest("scanned")
    for content in (config, layer):
        upload_id = ecr.initiate_layer_upload(**app)["uploadId"]
        part = {"partFirstByte": 0, "partLastByte": len(content) - 1, "layerPartBlob": content}
        ecr.upload_layer_part(**app, uploadId=upload_id, **part)
        ecr.complete_layer_upload(**app, uploadId=upload_id, layerDigests=[sha256(content)])
    ecr.put_image(**app, imageManifest=document, imageTag="scanned")
    refused("ScanNotFoundException", ecr.describe_image_scan_findings, **image)
    same(ecr.start_image_scan(**image)["imageScanStatus"]["status"], "IN_PROGRESS", "the status")
    advance(1)
    ecr.get_waiter("image_scan_complete").wait(**image, WaiterConfig={"Delay": 0, "MaxAttempts": 2})
    pages = list(ecr.get_paginator("describe_image_scan_findings").paginate(**image))
    found = [finding for page in pages for finding in page["imageScanFindings"]["findings"]]
    same(len(found), 153, "the number of findings")
    counts = pages[0]["imageScanFindings"]["findingSeverityCounts"]
    same(counts, {"CRITICAL": 2, "HIGH": 1, "MEDIUM": 150}, "the counts")
    refused("LimitExceededException", ecr.start_image_scan, **image)


def check_an_enhanced_scan():
    ecr.put_registry_scanning_configuration(
        scanType="ENHANCED",
        rules=[{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "peer/*", "filterType": "WILDCARD"}]}],
    )
    push("three", "3")
    advance(60)
    image = {**SHOP, "imageId": {"imageTag": "3"}}
    same(ecr.describe_image_scan_findings(**image)["imageScanStatus"]["status"], "ACTIVE", "the status")
    ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[])


def check_a_lifecycle_policy():
    selection = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    text = json.dumps({"rules": [rule]})
    # botocore itself refuses a text of less than a hundred characters.
    nothing = json.dumps({"rules": []}) + " " * 100
    refused("InvalidParameterException", ecr.put_lifecycle_policy, **SHOP, lifecyclePolicyText=nothing)
    ecr.put_lifecycle_policy(**SHOP, lifecyclePolicyText=text)
    untagged = lambda: ecr.list_images(**SHOP, filter={"tagStatus": "UNTAGGED"})["imageIds"]
    same(len(untagged()), 1, "the number of untagged images")
    advance(3 * 24 * 3600)
    same(untagged(), [], "the untagged images")
    same(ecr.get_lifecycle_policy(**SHOP)["lifecyclePolicyText"], text, "the policy")


def check_another_account():
    account = "333333333333"
    theirs = boto3.client("ecr", aws_access_key_id=f"AKIASIM0{account}", aws_secret_access_key="simulated")
    asked = {"registryId": "111111111111", "imageIds": [{"imageTag": "1"}], **SHOP}
    refused("AccessDeniedException", theirs.batch_get_image, **asked)
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": ["ecr:BatchGetImage"]}
    ecr.set_repository_policy(**SHOP, policyText=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    same(len(theirs.batch_get_image(**asked)["images"]), 1, "the number of images")
    ecr.delete_repository_policy(**SHOP)
    refused("RepositoryPolicyNotFoundException", ecr.get_repository_policy, **SHOP)


def check_the_registry_itself():
    data = ecr.get_authorization_token()["authorizationData"][0]
    user, _, _ = base64.b64decode(data["authorizationToken"]).partition(b":")
    same(user, b"AWS", "the user")
    same(data["proxyEndpoint"], os.environ["AWS_ENDPOINT_URL"], "the endpoint")
    try:
        urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/v2/")
    except urllib.error.HTTPError as error:
        same(error.code, 401, "the status without a password")
    same(ecr.describe_registry()["replicationConfiguration"], {"rules": []}, "the replication")


CHECKS = {
    "a layer goes in in parts and comes out in ranges": check_layers_in_parts,
    "an image needs its layers, and an index its images": check_an_image_and_its_refusals,
    "immutable tags and their exclusions": check_tags_that_may_not_move,
    "a basic scan is waited for and paged through": check_a_scan,
    "an enhanced scan is active after a push": check_an_enhanced_scan,
    "a lifecycle policy takes away what is old": check_a_lifecycle_policy,
    "another account reads as the policy lets it": check_another_account,
    "the registry tells who it is": check_the_registry_itself,
}


def report(name, problem):
    print(json.dumps({"check": name, "problem": problem}), flush=True)


def main():
    for name, check in CHECKS.items():
        try:
            check()
            report(name, None)
        except Exception as error:  # A check that breaks is a check that fails.
            report(name, f"{type(error).__name__}: {error}")
    for name in sorted(witness.seen):
        problems = sorted({problem for problem in witness.problems if problem.startswith(name + ":")})
        report(f"every answer to {name} fits its model", "; ".join(problems) or None)


if __name__ == "__main__":
    main()
