"""Write the catalogues from what is installed: `python -m mergeline.specs.interfaces`."""

from __future__ import annotations

import ast
import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.specs.constraints import mentions_constraints
from mergeline.specs.expectations import expectation_schema, expectation_types
from mergeline.specs.interfaces import EXPECTATIONS, FOLDER, PACKAGES, SKLEARN, ModuleEntry
from mergeline.specs.pythonmodule import module_source, submodules
from mergeline.specs.pythonsource import Class, definition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.specs.pythonmodule import Module


def texts() -> dict[str, str]:
    """Return the content of each catalogue, by its name."""
    return {SKLEARN: _sklearn(), EXPECTATIONS: _expectations()}


def _sklearn() -> str:
    packages = dict(_packages(PACKAGES[SKLEARN]))
    names = {
        f"{package}.{name}"
        for package, modules in packages.items()
        for name in modules
        if name != "__init__"  # the package itself
    }
    modules = {
        name: _entry(name, source)
        for name in sorted(names | packages.keys())
        if (source := module_source(name))
    }
    return _text(version=version(SKLEARN), packages=packages, modules=msgspec.to_builtins(modules))


def _packages(package: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the packages from one downwards, with the names of their modules."""
    modules = submodules(package)
    if modules is None:
        return
    names = sorted(name for name in modules if name and name != "__pycache__")
    yield package, names
    for name in names:
        if name != "tests":
            yield from _packages(f"{package}.{name}")


def _entry(name: str, source: Module) -> ModuleEntry:
    imports: dict[str, list[str]] = {}
    for here, (module, original) in sorted(source.imports.items()):
        renamed = original if here == original else f"{original} as {here}"
        imports.setdefault(module, []).append(renamed)
    classes = {each: definition_of(Class(name, each)) for each in sorted(source.classes)}
    return ModuleEntry(
        {each: _skeleton(code) for each, code in classes.items() if code},
        sorted(source.functions),
        sorted(source.others),
        imports,
    )


def _skeleton(definition: ast.ClassDef) -> str:
    """Return what is read of a class: its bases, its constructor, its parameter constraints."""
    body: list[ast.stmt] = []
    for node in definition.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            body.append(_signature(node))
        elif mentions_constraints(node):
            body.append(node)
    return ast.unparse(
        ast.ClassDef(
            definition.name, definition.bases, definition.keywords, body or [ast.Pass()], []
        )
    )


def _signature(function: ast.FunctionDef) -> ast.FunctionDef:
    arguments = function.args
    bare = ast.arguments(
        [ast.arg(each.arg) for each in arguments.posonlyargs],
        [ast.arg(each.arg) for each in arguments.args],
        arguments.vararg and ast.arg(arguments.vararg.arg),
        [ast.arg(each.arg) for each in arguments.kwonlyargs],
        [None for _ in arguments.kwonlyargs],
        arguments.kwarg and ast.arg(arguments.kwarg.arg),
        [],
    )
    made = ast.FunctionDef(function.name, bare, [ast.Pass()], [])
    return ast.fix_missing_locations(made)


def _expectations() -> str:
    types = expectation_types()
    schemas = {name: schema for name in types if (schema := expectation_schema(name))}
    kept = ("properties", "required", "definitions")
    return _text(
        version=version(EXPECTATIONS),
        types=types,
        schemas={
            name: {key: schema[key] for key in kept if key in schema}
            for name, schema in schemas.items()
        },
    )


def _text(**parts: Any) -> str:
    """Return a JSON object with one line for each entry of a part, so that changes can be read."""
    return "{\n" + ",\n".join(f'"{name}": {_part(part)}' for name, part in parts.items()) + "\n}\n"


def _part(part: Any) -> str:
    if isinstance(part, dict):
        rows = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in part.items()]
        return "{\n" + ",\n".join(rows) + "\n}"
    return json.dumps(part)


if __name__ == "__main__":
    for name, text in texts().items():
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
