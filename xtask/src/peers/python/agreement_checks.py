"""The same questions to the simulator, moto and ministack: do their answers have one shape?

A shape is the members that are there, over all entries of a list; their types are held against botocore's models. What
is known to differ is listed in `known_differences.toml`, each with its reason; whatever else differs is a problem, and
so is a listed difference that is no longer found. With `--show`, the differences are printed and not judged.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

from equal_worlds import World

OWN = "simulator"
# A map's key that is made up.
MADE_UP = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def members(value, at=""):
    """The places of everything in an answer; an empty list or text is there, but has nothing in it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if inner is not None:
                place = f"{at}/{MADE_UP.sub('*', name)}"
                yield place
                yield from members(inner, place)
    elif isinstance(value, list):
        for inner in value:
            yield f"{at}/*"
            yield from members(inner, f"{at}/*")


def topmost(places, others):
    """Those places that the others lack, without what is below them."""
    lacking = set(places) - set(others)
    return sorted(place for place in lacking if place.rsplit("/", 1)[0] not in lacking)


def without_values(problem):
    """A problem as it is on every run."""
    problem = re.sub(r"/\d+", "/*", problem)
    return re.sub(r" is .*, (not|which) ", r" is something, \1 ", problem)


def differences(own, other):
    """In which ways an answer, with its problems and its error, differs from ours."""
    (ours, _, our_error), (theirs, problems, error) = own, other
    if error == "not implemented":
        yield "is not implemented"
        return
    yield from sorted({f"breaks the model: {without_values(problem)}" for problem in problems})
    if our_error != error:
        yield f"ends with {error or 'success'}, not with {our_error or 'success'}"
    elif not error:
        here, there = set(members(ours)), set(members(theirs))
        yield from (f"lacks {place}" for place in topmost(here, there))
        yield from (f"adds {place}" for place in topmost(there, here))


def answers(world):
    """Everything that a world answers, by question."""
    found = {}
    for service, operation, question in world.questions():
        found[f"{service} {operation}"] = world.ask(service, operation.removesuffix(" in vain"), question)
    return found


def known():
    """The listed differences, by server and question."""
    listed = tomllib.loads(Path(__file__).with_name("known_differences.toml").read_text())
    table = {}
    for entry in listed["difference"]:
        if not entry["reason"].strip():
            raise ValueError(f"no reason is given for {entry}")
        table.setdefault((entry["server"], entry["question"]), set()).update(entry["differs"])
    return table


def report(check, problem):
    print(json.dumps({"check": check, "problem": problem}), flush=True)


def check_the_checking():
    """A comparison that finds nothing in different answers would be worth nothing."""
    ours = ({"a": [{"b": 1, "c": {"d": 1}}], "e": 1}, [], None)
    theirs = ({"a": [{"b": 1}, {"f": 1}]}, ["/a/0/b is 'x', not an integer"], None)
    found = list(differences(ours, theirs))
    expected = ["breaks the model: /a/*/b is something, not an integer", "lacks /a/*/c", "lacks /e", "adds /a/*/f"]
    refused = list(differences(ours, (None, [], "NotFound")))
    wrong = found != expected or refused != ["ends with NotFound, not with success"]
    report("different answers are found", f"found {found} and {refused}" if wrong else None)


def compare(server, own, others, table, show):
    for question, other in others.items():
        found = set(differences(own[question], other))
        if show:
            print(json.dumps({"server": server, "question": question, "differs": sorted(found)}))
            continue
        listed = table.pop((server, question), set())
        problems = [f"new: {one}" for one in sorted(found - listed)] + [f"gone: {one}" for one in sorted(listed - found)]
        known_ones = f" ({len(found)} known to differ)" if found else ""
        report(f"{server} answers {question} in our shape{known_ones}", "; ".join(problems) or None)


def main(endpoints, show):
    worlds = [World(name, endpoint) for name, endpoint in (pair.split("=", 1) for pair in endpoints)]
    found = {}
    for world in worlds:
        world.make()
        found[world.name] = answers(world)
    own = found.pop(OWN)
    if not show:
        check_the_checking()
        for question, (_, problems, error) in own.items():
            expected = question.endswith(" in vain")
            wrong = [*problems, *([f"it ends with {error}"] if bool(error) != expected else [])]
            report(f"our answer to {question} fits its model", "; ".join(wrong) or None)
    table = known()
    for server, others in found.items():
        compare(server, own, others, table, show)
    for server, question in table:
        if server in found and not show:
            report(f"{server} is asked {question}", "it is listed as known to differ, but never asked")


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if word != "--show"], "--show" in sys.argv)
