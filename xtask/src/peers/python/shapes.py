"""Holds every answer against botocore's model of it, byte for byte as it came over the wire.

botocore itself is generous: it drops members that it does not know and takes whatever type comes. Here an unknown
member, a wrong type, a missing required member and a value outside an enumeration are each a problem.
"""

import base64
import binascii
import io
import json
import re
from datetime import datetime
from xml.etree import ElementTree

from botocore.parsers import BaseCBORParser

# What every operation may answer, besides the errors of its own model: documented as "common errors" by AWS.
COMMON_ERRORS = {
    "AccessDeniedException",
    "InvalidParameterCombination",
    "MissingParameter",
    "SerializationException",
    "ThrottlingException",
    "UnknownOperationException",
    "ValidationError",
    "ValidationException",
}


class Witness:
    """Sees every answer of the clients that it is registered with, and collects what is wrong with them."""

    def __init__(self):
        self.problems = []
        self.seen = set()

    def watch(self, client):
        client.meta.events.register("before-parse", self._look)

    def _look(self, operation_model, response_dict, **_):
        name = f"{operation_model.service_model.service_name} {operation_model.name}"
        self.seen.add(name)
        judge = JUDGES[operation_model.service_model.resolved_protocol]
        self.problems += [f"{name}: {problem}" for problem in judge(operation_model, response_dict)]


def judge_json(operation_model, response):
    kind = response["headers"].get("content-type")
    if kind != f"application/x-amz-json-{operation_model.metadata['jsonVersion']}":
        yield f"the content type is {kind}"
    yield from judge_value(operation_model, response["status_code"], json.loads(response["body"] or b"{}"))


def judge_cbor(operation_model, response):
    """RPC v2: an operation without an output has neither a body nor a content type."""
    headers, body = response["headers"], response["body"]
    if headers.get("smithy-protocol") != "rpc-v2-cbor":
        yield "the header smithy-protocol is missing"
    if operation_model.output_shape is None and response["status_code"] < 300:
        if body or "content-type" in headers:
            yield "there is a body, but no output"
        return
    if headers.get("content-type") != "application/cbor":
        yield f"the content type is {headers.get('content-type')}"
    value = BaseCBORParser(None).parse_data_item(io.BufferedReader(io.BytesIO(body)))
    yield from judge_value(operation_model, response["status_code"], value)


def judge_value(operation_model, status, body):
    if status < 300:
        yield from walk(operation_model.output_shape, body, "")
        return
    code = str(body.get("__type", "")).rsplit("#", 1)[-1]
    modelled = {shape.metadata.get("error", {}).get("code", shape.name): shape for shape in operation_model.error_shapes}
    modelled |= {shape.name: shape for shape in operation_model.error_shapes}
    if code in modelled:
        # The message travels as `message` or `Message`, whatever the model says; the SDKs take both.
        rest = {name: value for name, value in body.items() if name not in ("__type", "message", "Message")}
        yield from walk(modelled[code], rest, code, required=False)
    elif code not in COMMON_ERRORS:
        yield f"the error {code} is not one of this operation"


def walk(shape, value, at, required=True):
    """Every problem of a JSON value that should have a shape."""
    if shape is None:
        if value not in ({}, None):
            yield f"{at or '/'} should be empty"
        return
    yield from WALKERS[shape.type_name](shape, value, at, required)


def walk_structure(shape, value, at, required):
    if not isinstance(value, dict):
        yield f"{at or '/'} is {value!r}, not a structure"
        return
    for name, inner in value.items():
        if name not in shape.members:
            yield f"{at}/{name} is unknown to {shape.name}"
        elif inner is None:
            yield f"{at}/{name} is null"
        else:
            yield from walk(shape.members[name], inner, f"{at}/{name}")
    if required:
        yield from (f"{at}/{name} is missing" for name in shape.required_members if name not in value)


def walk_list(shape, value, at, _):
    if not isinstance(value, list):
        yield f"{at} is {value!r}, not a list"
        return
    for index, inner in enumerate(value):
        yield from walk(shape.member, inner, f"{at}/{index}")


def walk_map(shape, value, at, _):
    if not isinstance(value, dict):
        yield f"{at} is {value!r}, not a map"
        return
    for key, inner in value.items():
        yield from walk(shape.key, key, f"{at}/{key}")
        yield from walk(shape.value, inner, f"{at}/{key}")


def walk_string(shape, value, at, _):
    if not isinstance(value, str):
        yield f"{at} is {value!r}, not a string"
    elif shape.enum and value not in shape.enum:
        yield f"{at} is {value!r}, which {shape.name} does not have"
    elif not fits_pattern(shape, value):
        yield f"{at} is {value!r}, which does not fit the pattern of {shape.name}"


def fits_pattern(shape, value):
    pattern = shape.metadata.get("pattern")
    try:
        return not pattern or re.search(pattern, value) is not None
    except re.error:
        # A few of the models' patterns are not Python's: nothing is said then.
        return True


def walk_blob(_, value, at, __):
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        yield f"{at} is {value!r}, not base64"


def primitive(name, *types):
    def walk_primitive(shape, value, at, _):
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            yield f"{at} is {value!r}, not {name}"

    return walk_primitive


WALKERS = {
    "structure": walk_structure,
    "list": walk_list,
    "map": walk_map,
    "string": walk_string,
    "blob": walk_blob,
    "boolean": primitive("a boolean", bool),
    "integer": primitive("an integer", int),
    "long": primitive("an integer", int),
    "float": primitive("a number", int, float),
    "double": primitive("a number", int, float),
    # CBOR has instants of its own.
    "timestamp": primitive("an instant", int, float, datetime),
}


def judge_xml(operation_model, response):
    root = ElementTree.fromstring(response["body"])
    space = "{" + operation_model.metadata["xmlNamespace"] + "}" if "xmlNamespace" in operation_model.metadata else ""
    if response["status_code"] >= 300:
        if root.find(f".//{space}Code") is None and root.find(".//Code") is None:
            yield "the error has no Code"
        return
    name = operation_model.name
    if local(root) != f"{name}Response":
        yield f"the answer is a {local(root)}"
    if not space or not root.tag.startswith(space):
        yield f"the namespace of {root.tag} is not {space}"
    parts = {local(part): part for part in root}
    yield from (f"/{part} is unknown" for part in parts if part not in (f"{name}Result", "ResponseMetadata"))
    if "ResponseMetadata" not in parts or local(parts["ResponseMetadata"][0]) != "RequestId":
        yield "there is no RequestId"
    if operation_model.output_shape is None:
        yield from (f"/{part} is there, but there is no output" for part in parts if part == f"{name}Result")
        return
    if f"{name}Result" not in parts:
        yield f"there is no {name}Result"
        return
    yield from walk_element(operation_model.output_shape, parts[f"{name}Result"], "")


def walk_element(shape, element, at):
    """Every problem of an XML element that should have a shape."""
    if shape.type_name == "structure":
        for child in element:
            if local(child) in shape.members:
                yield from walk_element(shape.members[local(child)], child, f"{at}/{local(child)}")
            else:
                yield f"{at}/{local(child)} is unknown to {shape.name}"
        there = {local(child) for child in element}
        yield from (f"{at}/{name} is missing" for name in shape.required_members if name not in there)
    elif shape.type_name == "list":
        wanted = shape.member.serialization.get("name", "member")
        for index, child in enumerate(element):
            if local(child) != wanted:
                yield f"{at} has a {local(child)}, not only {wanted}s"
            yield from walk_element(shape.member, child, f"{at}/{index}")
    elif shape.type_name == "boolean":
        if element.text not in ("true", "false"):
            yield f"{at} is {element.text!r}, not a boolean"
    elif shape.type_name in ("float", "double"):
        try:
            float(element.text)
        except (TypeError, ValueError):
            yield f"{at} is {element.text!r}, not a number"
    elif shape.type_name == "timestamp":
        try:
            datetime.fromisoformat(element.text.replace("Z", "+00:00"))
        except ValueError:
            yield f"{at} is {element.text!r}, not an instant"
    elif shape.type_name in ("integer", "long"):
        if not re.fullmatch(r"-?[0-9]+", element.text or ""):
            yield f"{at} is {element.text!r}, not an integer"
    else:
        yield from walk(shape, element.text or "", at)


def local(element):
    return element.tag.rsplit("}", 1)[-1]


JUDGES = {"json": judge_json, "query": judge_xml, "smithy-rpc-v2-cbor": judge_cbor}
