"""The published contract that the program carries, read from its source: what each operation takes. The format is in scripts/contract.py."""

import pathlib
import re

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "Sources/API/Contract/Contract+Published.swift"


class Published:
    """`schemas`: name → {field: type}; `enums`: name → values; `operations`: (verb, path, query, body), where query is {name: type} and body is {name: type},
    a type, "*" for what is not JSON, or None; `required`: (verb, path) → names that the SDK demands."""

    def __init__(self):
        self.schemas, self.enums, self.operations, self.required = {}, {}, [], {}
        for line in SOURCE.read_text().splitlines():
            parts = line.split()
            if not parts or parts[0] not in ("S", "E", "O"):
                continue
            if parts[0] == "S":
                self.schemas[parts[1]] = dict(part.split(":", 1) for part in parts[2:])
            elif parts[0] == "E":
                self.enums[parts[1]] = parts[2:]
            else:
                query, body = {}, None
                for part in parts[3:]:
                    mark, name, type_ = re.fullmatch(r"([?=])([^:!]*!?):?(.*)", part).groups()
                    if name.endswith("!"):
                        name = name[:-1]
                        self.required.setdefault((parts[1], parts[2]), set()).add(name)
                    if mark == "?":
                        query[name] = type_
                    elif name == "*":
                        body = "*"
                    elif not name:
                        body = type_
                    else:
                        body = {**(body or {}), name: type_}
                self.operations.append((parts[1], parts[2], query, body))

    def value(self, type_, leaf, names=(), depth=0):
        """A value of a type with every field filled; `leaf(names, type)` gives texts, numbers and the like, or None to leave a field out."""
        if type_[0] in "[{":
            inner = self.value(type_[1:], leaf, names if type_[0] == "[" else (*names, "key"), depth + 1)
            return None if inner is None else [inner] if type_[0] == "[" else {"key": inner}
        if type_ in self.enums:
            return leaf(names, type_) or (self.enums[type_] or ["X"])[0]
        if type_ in self.schemas:
            return None if depth > 7 else self.fields(self.schemas[type_], leaf, names, depth + 1)
        return leaf(names, type_)

    def fields(self, fields, leaf, names=(), depth=0):
        found = {name: self.value(type_, leaf, (*names, name), depth) for name, type_ in fields.items()}
        return {name: value for name, value in found.items() if value is not None}
