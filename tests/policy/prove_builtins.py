"""Hold regopy against OPA, builtin by builtin, and write down which agree.

    python tests/policy/prove_builtins.py OPA_BINARY

writes `src/mergeline/policy/builtins.json`; a test compares it with what this finds.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from dataclasses import dataclass, field
from pathlib import Path

import regopy

from mergeline.policy.opa_server import OpaServer
from mergeline.process import run

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PRODUCT = ROOT / "src/mergeline/policy/builtins.json"
INPUT = {
    "one": 1,
    "zero": 0,
    "minus": -4,
    "whole": 2.0,
    "half": 0.5,
    "big": 12345678901234567890,
    "text": "text",
    "broken": "a(",
    "numbers": [3, 1, 2],
    "object": {"b": 1, "a": [True, None]},
    "yes": True,
    "nothing": None,
}
MEMORY_BYTES = 1_000_000_000
NO_CASES = "it has no cases"
ERROR, UNDEFINED, CRASH = "error", "undefined", "crash of the whole process"


@dataclass
class Cases:
    within: str | None = None
    inside: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)


def read_cases():
    cases, name = {}, ""
    for line in (HERE / "builtin_cases.txt").read_text(encoding="utf-8").splitlines():
        if re.fullmatch(r"\[[a-z0-9_.]+\]", line):
            name = line[1:-1]
            cases[name] = Cases()
        elif line.startswith("within: "):
            cases[name].within = line.removeprefix("within: ")
        elif line.startswith("! "):
            cases[name].beyond.append(line.removeprefix("! "))
        elif line and not line.startswith("#"):
            cases[name].inside.append(line)
    return cases


def module(expression):
    # As a rule of a policy would: in an item of a set, by way of a variable.
    return f'package proof\n\nanswer contains {{"is": value}} if {{\n\tvalue := {expression}\n}}\n'


def unifying(expression):
    return f"package proof\n\nanswer contains true if {{\n\t{expression}\n}}\n"


def text_of(name, expression):
    return unifying(expression) if name == "eq" else module(expression)


def ask_regopy(text):
    interpreter = regopy.Interpreter()
    interpreter.log_level = regopy.LogLevel.NONE
    interpreter.strict_built_in_errors = True
    try:
        interpreter.add_module("proof.rego", text)
        interpreter.set_input_term(json.dumps(INPUT))
        bundle = interpreter.build(None, ["proof/answer"])
        output = interpreter.query_bundle_entrypoint(bundle, "proof/answer")
        if not output.ok():
            return ERROR
        if str(output) == UNDEFINED:
            return UNDEFINED
        return {"value": json.loads(str(output))["expressions"][0]}
    except (regopy.RegoError, ValueError):
        return ERROR


def answer_all(start):
    """Print regopy's answers from a case on; the process may crash on the way.

    Some cases make regopy loop until memory ends: bound it, so that they crash soon.
    """
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    # Beside what this process has mapped already, which depends on the system.
    most = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, expression in all_cases()[start:]:
        sys.stdout.write(json.dumps(ask_regopy(text_of(name, expression))) + "\n")
        sys.stdout.flush()


def all_cases():
    return [(name, one) for name, of in read_cases().items() for one in of.inside + of.beyond]


def regopy_answers():
    """Give regopy's answers, in processes of their own, for it can bring one down."""
    answers, cases = [], all_cases()
    while len(answers) < len(cases):
        command = [sys.executable, __file__, "--regopy", str(len(answers))]
        done = run(command)
        answers += [json.loads(line) for line in done.stdout.splitlines()]
        if done.status and done.status < 0:
            answers.append(CRASH)
        elif done.status:
            raise RuntimeError(done.stderr)
    return dict(zip(cases, answers, strict=True))


def ask_opa(client, text):
    from opa_client.errors import RegoParseError

    try:
        client.update_policy_from_string(text, "proof", rego_compat=False)
        reply = client.query_rule(
            INPUT, "proof", "answer", query_params={"strict-builtin-errors": "true"}
        )
    except (RegoParseError, OSError):
        return ERROR
    return {"value": reply["result"]} if "result" in reply else UNDEFINED


def same(one, other):
    """Equal as JSON: true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def prove(opa):
    from opa_client import OpaClient

    server = OpaServer(opa)
    try:
        port = int(server.url.rpartition(":")[2])
        client = OpaClient(host="127.0.0.1", port=port, token=server.token, timeout=10)
        theirs = {case: ask_opa(client, text_of(*case)) for case in all_cases()}
        client.close_connection()
    finally:
        server.close()
    capabilities = json.loads(run([opa, "capabilities", "--current"]).stdout)
    names = [one["name"] for one in capabilities["builtins"]]
    return sort_out(names, theirs, regopy_answers())


def sort_out(names, theirs, ours):
    proof = {"proven": [], "bounded": {}, "refused": {}}
    cases = read_cases()
    for name in sorted(names):
        if name not in cases:
            proof["refused"][name] = NO_CASES
            continue
        differs = difference(theirs, ours, name, cases[name].inside)
        beyond = difference(theirs, ours, name, cases[name].beyond)
        if differs is not None:
            proof["refused"][name] = differs
        elif cases[name].within is None:
            proof["proven"].append(name)
        else:
            proof["bounded"][name] = {"within": cases[name].within, "differs": beyond}
    return proof


def difference(theirs, ours, name, expressions):
    for expression in expressions:
        one, other = theirs[name, expression], ours[name, expression]
        if not same(one, other):
            return f"{expression}: OPA {shown(one)}, regopy {shown(other)}"
    return None


def shown(answer):
    if isinstance(answer, str):
        return answer
    values = [one["is"] if isinstance(one, dict) else one for one in answer["value"]]
    return json.dumps(values[0] if values else UNDEFINED, ensure_ascii=False)


def written(proof):
    return json.dumps(proof, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if sys.argv[1] == "--regopy":
        answer_all(int(sys.argv[2]))
    else:
        PRODUCT.write_text(written(prove(sys.argv[1])), encoding="utf-8")
