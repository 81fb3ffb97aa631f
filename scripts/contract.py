#!/usr/bin/env python3
"""Prints Sources/API/Contract/Contract+Published.swift: the fields, types and enum values of the published Python SDK.

    pip download --no-deps databricks-sdk && unzip -q databricks_sdk-*.whl -d sdk
    python3 scripts/contract.py --sdk sdk/databricks/sdk/service > Sources/API/Contract/Contract+Published.swift

The package is parsed with `ast` and never imported. Only names and types are taken. One line each:

  S module.Class name:type name:type …        an object's fields
  E module.Class VALUE VALUE …                an enumeration's values
  O VERB path ?name:type … =name:type …       a request's query (`?`) and body (`=`) fields, `!` behind the name if the SDK demands it;
                                              `=:type` if the body is one object of a schema, `=*` if it is not JSON

Types: s string, i integer, f number, b boolean, a anything, y bytes, t timestamp, d duration, m field mask, [T list of T, {T map to T,
module.Class an object or an enumeration. Paths are those of scripts/known_operations.py.
"""
import argparse
import ast
import os
import re
import sys

from known_operations import CALL, path_of

SIMPLE = {
    "str": "s", "int": "i", "float": "f", "bool": "b", "Any": "a", "any": "a", "bytes": "y", "BinaryIO": "y", "Timestamp": "t", "datetime": "t",
    "timedelta": "d", "Duration": "d", "FieldMask": "m", "object": "a", "dict": "a",
}


class Module:
    def __init__(self, name, tree):
        self.name, self.classes, self.imported, self.enums = name, {}, {}, set()
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
                if any(ast.unparse(base).endswith("Enum") for base in node.bases):
                    self.enums.add(node.name)
            elif isinstance(node, ast.ImportFrom) and node.module and "service" in node.module:
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = node.module.split(".")[-1]

    def type(self, node):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        if isinstance(node, ast.Subscript):
            outer = ast.unparse(node.value)
            if outer == "Optional":
                return self.type(node.slice)
            if outer in ("List", "list", "Iterator"):
                return "[" + self.type(node.slice)
            if outer in ("Dict", "dict"):
                return "{" + self.type(node.slice.elts[1])
            return "a"
        name = ast.unparse(node)
        if name in SIMPLE:
            return SIMPLE[name]
        if name in self.classes:
            return f"{self.name}.{name}"
        if "." in name:
            return name
        return f"{self.imported[name]}.{name}" if name in self.imported and self.imported[name] != "service" else "a"


def wire_names(function):
    """What a method puts into `body` and `query`: container, name, and the names that the value is made of; in order."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0]
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id in ("body", "query"):
            if isinstance(target.slice, ast.Constant):
                yield target.value.id, target.slice.value, node.value
        elif isinstance(target, ast.Name) and target.id == "body" and not isinstance(node.value, ast.Dict):
            yield "body", None, node.value


def schema_line(module, cls):
    fields = {n.target.id: n.annotation for n in cls.body if isinstance(n, ast.AnnAssign)}
    writer = next((n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name == "as_dict"), None)
    found = []
    for _, wire, value in wire_names(writer) if writer else ():
        source = [n.attr for n in ast.walk(value) if isinstance(n, ast.Attribute) and n.attr in fields]
        kind = module.type(fields[source[0]]) if source else "a"
        # Values that the SDK turns into texts on their way.
        text = ast.unparse(value)
        if kind == "i" and "str(" in text:
            kind = "i"
        found.append((wire, kind))
    return " ".join([f"S {module.name}.{cls.name}"] + [f"{n}:{t}" for n, t in sorted(dict(found).items())])


def enum_line(module, cls):
    values = [n.value.value for n in cls.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)]
    return " ".join([f"E {module.name}.{cls.name}"] + sorted(str(v) for v in values))


def operation_lines(module, cls):
    for method in cls.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        arguments = method.args.args + method.args.kwonlyargs
        types = {a.arg: a.annotation for a in arguments if a.annotation is not None}
        optional = {a for a, t in types.items() if ast.unparse(t).startswith("Optional")}
        for call in ast.walk(method):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func) == CALL and len(call.args) == 2):
                continue
            path = path_of(module.name, method, call.args[1])
            given = {k.arg for k in call.keywords}
            query, body, whole = {}, {}, None
            for container, wire, value in wire_names(method):
                source = [n.id for n in ast.walk(value) if isinstance(n, ast.Name) and n.id in types]
                kind = module.type(types[source[0]]) if source else "s"
                mark = "!" if source and source[0] not in optional else ""
                if wire is None:
                    if source:
                        whole = kind
                elif container == "body":
                    body[wire] = mark + ":" + kind
                else:
                    query[wire] = mark + ":" + kind
            parts = [f"O {call.args[0].value} {path}"]
            parts += [f"?{n}{t}" for n, t in sorted(query.items())] if "query" in given else []
            if "data" in given or "files" in given:
                parts.append("=*")
            elif "body" in given and whole:
                parts.append(f"=:{whole}")
            elif "body" in given:
                parts += [f"={n}{t}" for n, t in sorted(body.items())]
            yield " ".join(parts)


HEAD = '''\
// Printed by scripts/contract.py from the published Python SDK; do not edit. The format is in that script.

extension Contract {
    static let published: StaticString = """
'''
TAIL = '''        """
}
'''


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sdk", required=True, help="the folder databricks/sdk/service")
    folder = parser.parse_args().sdk
    schemas, operations = [], {}
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".py") or file.startswith("_"):
            continue
        with open(os.path.join(folder, file), encoding="utf-8") as text:
            module = Module(file[:-3], ast.parse(text.read()))
        for name, cls in module.classes.items():
            if name in module.enums:
                schemas.append(enum_line(module, cls))
            elif name.endswith("API"):
                for line in operation_lines(module, cls):
                    operations.setdefault(" ".join(line.split()[1:3]), line)
            elif any(isinstance(n, ast.FunctionDef) and n.name == "as_dict" for n in cls.body):
                schemas.append(schema_line(module, cls))
    sys.stdout.write(HEAD)
    for line in sorted(schemas) + sorted(operations.values()):
        assert not re.search(r"[\\\"]", line), line
        sys.stdout.write(f"        {line}\n")
    sys.stdout.write(TAIL)


if __name__ == "__main__":
    main()
