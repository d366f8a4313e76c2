#!/usr/bin/env python3
"""Makes C++ types of an API model: <namespace>.h and <namespace>.cc.

    generate_models.py MODEL.json NAMESPACE OUTPUT_FOLDER

A structure becomes a struct (required members plain, the others std::optional), an enumeration an enum class, an error
shape a factory, an operation a tag type with Request, Response and its model. Shapes (src/wire/shape.h) and operation
models (src/wire/model.h) are constant-initialised tables. Standard library only; golden test: tests/golden.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

KEYWORDS = {
    "and", "auto", "bool", "case", "catch", "char", "class", "const", "continue", "default", "delete", "do", "double",
    "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int",
    "long", "mutable", "namespace", "new", "not", "operator", "or", "private", "protected", "public", "register",
    "return", "shape", "short", "signed", "sizeof", "static", "struct", "switch", "template", "this", "throw", "true",
    "try", "typedef", "typename", "union", "unsigned", "using", "virtual", "void", "volatile", "while", "xor",
}
SCALARS = {
    "string": ("std::string", "text"),
    "character": ("std::string", "text"),
    "integer": ("std::int32_t", "integer"),
    "long": ("std::int64_t", "long_integer"),
    "double": ("double", "number"),
    "float": ("double", "number"),
    "boolean": ("bool", "boolean"),
    "timestamp": ("Time", "timestamp"),
    "blob": ("std::string", "blob"),
}
# IAM's prefix and CloudTrail's event source, where they are not the endpoint's name.
IAM_PREFIX = {"sso-admin": "sso", "sso-oidc": "sso-oauth", "sso": "sso"}
EVENT_SOURCE = {"sso-admin": "sso", "sso-oidc": "sso", "sso": "sso"}
PROTOCOLS = {"query": "query", "ec2": "ec2_query", "json": "aws_json", "rest-json": "rest_json"}


def snake(name: str) -> str:
    """DescribeHTTPServer2 -> describe_http_server2; acronyms are one word."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower().strip("_")
    return name + "_" if name in KEYWORDS else name


def pascal(name: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "_", name)
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def cpp_text(text: str) -> str:
    """A C++ string literal of any text, as UTF-8."""
    out = []
    for byte in text.encode():
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


class Model:
    def __init__(self, path: Path, namespace: str) -> None:
        self.source = path.name
        self.name = path.stem
        self.namespace = namespace
        model = json.loads(path.read_text())
        self.metadata: dict[str, Any] = model["metadata"]
        self.operations: dict[str, Any] = model["operations"]
        self.shapes: dict[str, Any] = dict(model["shapes"])
        self.add_missing_messages()
        self.errors = {n: s for n, s in self.shapes.items() if s.get("exception")}
        self.structures = self.sort_structures()

    def add_missing_messages(self) -> None:
        """Operations without input or output get an empty structure."""
        for name, operation in self.operations.items():
            for key, suffix in (("input", "Request"), ("output", "Response")):
                if key in operation:
                    continue
                shape = name + suffix
                if shape in self.shapes:
                    shape = name + "Empty" + suffix
                self.shapes[shape] = {"type": "structure", "members": {}}
                operation[key] = {"shape": shape, "made": True}

    def is_structure(self, name: str) -> bool:
        shape = self.shapes[name]
        return shape["type"] == "structure" and not shape.get("document")

    def is_document(self, name: str) -> bool:
        shape = self.shapes[name]
        return shape["type"] == "structure" and bool(shape.get("document"))

    def is_enumeration(self, name: str) -> bool:
        return self.shapes[name]["type"] == "string" and "enum" in self.shapes[name]

    def direct_structures(self, name: str) -> set[str]:
        """The structures that a shape needs complete before it: through lists, maps and members."""
        shape = self.shapes[name]
        kinds = {"list": ["member"], "map": ["key", "value"]}.get(shape["type"])
        if kinds:
            targets = [shape[kind]["shape"] for kind in kinds]
            found: set[str] = set()
            for target in targets:
                found |= {target} if self.is_structure(target) else self.direct_structures(target)
            return found
        return set()

    def sort_structures(self) -> list[str]:
        done: list[str] = []
        state: dict[str, int] = {}

        def visit(name: str) -> None:
            # A structure that holds a list of itself: std::vector takes a type that is not complete yet.
            if name in state:
                return
            state[name] = 1
            for member in self.shapes[name]["members"].values():
                target = member["shape"]
                for needed in sorted({target} if self.is_structure(target) else self.direct_structures(target)):
                    visit(needed)
            state[name] = 2
            done.append(name)

        for name in sorted(self.shapes):
            if self.is_structure(name) and not self.shapes[name].get("exception"):
                visit(name)
        return done

    def cpp_type(self, name: str) -> str:
        shape = self.shapes[name]
        kind = shape["type"]
        if self.is_document(name):
            return "std::string"
        if self.is_enumeration(name) or kind == "structure":
            return pascal(name)
        if kind == "list":
            return f"std::vector<{self.cpp_type(shape['member']['shape'])}>"
        if kind == "map":
            return f"std::map<std::string, {self.cpp_type(shape['value']['shape'])}>"
        return SCALARS[kind][0]

    def field_type(self, structure: str, member: str) -> tuple[str, bool]:
        shape = self.shapes[structure]
        cpp = self.cpp_type(shape["members"][member]["shape"])
        required = member in shape.get("required", [])
        return (cpp, True) if required else (f"std::optional<{cpp}>", False)

    # -- header

    def enumeration_header(self, name: str) -> str:
        values = self.shapes[name]["enum"]
        words: list[str] = []
        for value in values:
            word = snake(value) or "empty"
            if word[0].isdigit():
                word = "v" + word
            while word in words:
                word += "_"
            words.append(word)
        cpp = pascal(name)
        names = ", ".join(cpp_text(value) for value in values)
        return (
            f"enum class {cpp} : std::uint16_t {{ {', '.join(words)} }};\n"
            f"inline constexpr std::string_view {snake(cpp)}_names[] = {{{names}}};\n"
            f"constexpr std::span<const std::string_view> enum_names({cpp}) {{ return {snake(cpp)}_names; }}\n"
            f"constexpr std::string_view to_text({cpp} value) "
            f"{{ return {snake(cpp)}_names[static_cast<std::size_t>(value)]; }}\n"
        )

    def structure_header(self, name: str) -> str:
        lines = [f"struct {pascal(name)} {{"]
        for member in self.shapes[name]["members"]:
            cpp, required = self.field_type(name, member)
            initial = "{}" if required else ""
            lines.append(f"    {cpp} {snake(member)}{initial};")
        lines.append("    static const Shape shape;\n};\n")
        return "\n".join(lines)

    def error_header(self, name: str) -> str:
        return f"ApiError {snake(name)}(std::string message = {{}});"

    def operation_tag(self, name: str) -> str:
        return pascal(name) + ("Operation" if name in self.shapes else "")

    def operation_header(self, name: str) -> str:
        operation = self.operations[name]
        return (
            f"struct {self.operation_tag(name)} {{\n"
            f"    using Request = {self.namespace}::{pascal(operation['input']['shape'])};\n"
            f"    using Response = {self.namespace}::{pascal(operation['output']['shape'])};\n"
            f"    static const wire::OperationModel model;\n}};\n"
        )

    def header(self) -> str:
        parts = [
            f"#pragma once\n// Made by tools/generate_models.py from models/{self.source}; not to be edited.\n"
            "#include <cstdint>\n#include <map>\n#include <optional>\n#include <string>\n#include <vector>\n\n"
            '#include "base/error.h"\n#include "wire/model.h"\n\n'
            f"namespace sekisho::{self.namespace} {{\n"
        ]
        parts += [self.enumeration_header(n) for n in sorted(self.shapes) if self.is_enumeration(n)]
        parts += [self.structure_header(n) for n in self.structures]
        parts.append("namespace errors {")
        parts += [self.error_header(n) for n in sorted(self.errors)]
        parts.append("}  // namespace errors\n")
        parts += [self.operation_header(n) for n in sorted(self.operations)]
        tags = ",\n    ".join(self.operation_tag(n) for n in sorted(self.operations))
        parts.append(f"using Operations = wire::OperationList<\n    {tags}>;\n")
        parts.append("extern const wire::ServiceModel service;\n")
        parts.append(f"}}  // namespace sekisho::{self.namespace}\n")
        return "\n".join(parts)

    # -- source

    def constraints(self, shape: dict[str, Any]) -> str:
        text = ""
        for key, name in (("min", "minimum"), ("max", "maximum")):
            if key in shape and isinstance(shape[key], int):
                text += f", .{name} = {shape[key]}"
        if shape.get("pattern"):
            text += f", .pattern = {cpp_text(shape['pattern'])}"
        element_name = shape.get("member", {}).get("locationName")
        if element_name:
            text += f", .element_name = {cpp_text(element_name)}"
        if shape.get("flattened"):
            text += ", .flattened = true"
        if shape.get("sensitive"):
            text += ", .sensitive = true"
        formats = {"unixTimestamp": "epoch_seconds", "iso8601": "iso8601", "rfc822": "rfc822"}
        if shape.get("timestampFormat"):
            text += f", .timestamp_format = TimestampFormat::{formats[shape['timestampFormat']]}"
        return text

    def shape_reference(self, name: str) -> str:
        return f"&{pascal(name)}::shape" if self.is_structure(name) else f"&shape_{pascal(name)}"

    def shape_source(self, name: str) -> str:
        shape = self.shapes[name]
        kind = shape["type"]
        if self.is_document(name):
            extra = ".kind = Kind::document"
        elif self.is_enumeration(name):
            extra = f".kind = Kind::enumeration, .names = {snake(pascal(name))}_names"
        elif kind == "list":
            element = shape["member"]["shape"]
            extra = (f".kind = Kind::list, .element = {self.shape_reference(element)}, "
                     f".list = &list_access<{self.cpp_type(element)}>")
        elif kind == "map":
            value = shape["value"]["shape"]
            extra = (f".kind = Kind::map, .element = {self.shape_reference(value)}, "
                     f".key = {self.shape_reference(shape['key']['shape'])}, .map = &map_access<{self.cpp_type(value)}>")
        else:
            extra = f".kind = Kind::{SCALARS[kind][1]}"
        kind_part, _, rest = extra.partition(", ")
        rest = f", {rest}" if rest else ""
        return f"constexpr Shape shape_{pascal(name)}{{{kind_part}, .name = {cpp_text(name)}{rest}{self.constraints(shape)}}};"

    def sorted_simple_shapes(self) -> list[str]:
        done: list[str] = []

        def visit(name: str) -> None:
            if name in done or self.is_structure(name):
                return
            shape = self.shapes[name]
            for part in ("member", "key", "value"):
                if shape["type"] in ("list", "map") and part in shape:
                    visit(shape[part]["shape"])
            done.append(name)

        for name in sorted(self.shapes):
            visit(name)
        return done

    def member_source(self, structure: str, member: str) -> str:
        shape = self.shapes[structure]
        facts = shape["members"][member]
        _, required = self.field_type(structure, member)
        cpp = self.cpp_type(facts["shape"])
        text = (f"{{.name = {cpp_text(member)}, .wire_name = {cpp_text(facts.get('locationName', member))}, "
                f".offset = offsetof({pascal(structure)}, {snake(member)}), .shape = {self.shape_reference(facts['shape'])}")
        # In the order of the fields of Member, as designated initialisers must be.
        text += ", .required = true" if required else f", .optional = &optional_access<{cpp}>"
        if shape.get("payload") == member:
            text += ", .is_payload = true"
        if facts.get("idempotencyToken"):
            text += ", .is_idempotency_token = true"
        locations = {"uri": "uri", "querystring": "query_string", "header": "header", "headers": "headers",
                     "statusCode": "status_code"}
        if facts.get("location") in locations:
            text += f", .location = Location::{locations[facts['location']]}"
        return text + "}"

    def structure_source(self, name: str) -> str:
        members = self.shapes[name]["members"]
        cpp = pascal(name)
        sensitive = ", .sensitive = true" if self.shapes[name].get("sensitive") else ""
        if not members:
            return f"constinit const Shape {cpp}::shape{{.kind = Kind::structure, .name = {cpp_text(name)}{sensitive}}};"
        rows = ",\n    ".join(self.member_source(name, member) for member in members)
        return (f"constexpr Member members_{cpp}[] = {{\n    {rows}}};\n"
                f"constinit const Shape {cpp}::shape{{.kind = Kind::structure, .name = {cpp_text(name)}, "
                f".members = members_{cpp}{sensitive}}};")

    def error_source(self, name: str) -> str:
        shape = self.errors[name]
        code = shape.get("error", {}).get("code", name)
        status = shape.get("error", {}).get("httpStatusCode", 500 if shape.get("fault") else 400)
        return (f"ApiError {snake(name)}(std::string message) {{\n    return {{.code = {cpp_text(code)}, "
                f".message = std::move(message), .http_status = {status}}};\n}}")

    def operation_source(self, name: str) -> str:
        operation = self.operations[name]
        prefix = IAM_PREFIX.get(self.name, self.metadata["endpointPrefix"])
        tag = self.operation_tag(name)
        text = (f"constinit const wire::OperationModel {tag}::model{{.service = &service, .name = {cpp_text(name)}, "
                f".iam_action = {cpp_text(prefix + ':' + name)}, .method = {cpp_text(operation['http']['method'])}, "
                f".uri = {cpp_text(operation['http']['requestUri'])}, .request = &{pascal(operation['input']['shape'])}::shape, "
                f".response = &{pascal(operation['output']['shape'])}::shape")
        if "resultWrapper" in operation["output"]:
            text += f", .result_wrapper = {cpp_text(operation['output']['resultWrapper'])}"
        if operation.get("authtype") == "none":
            text += ", .is_unsigned = true"
        if operation.get("internal"):
            text += ", .is_internal = true"
        if operation["output"].get("made"):
            text += ", .has_output = false"
        return text + "};"

    def service_source(self) -> str:
        facts = self.metadata
        prefix = IAM_PREFIX.get(self.name, facts["endpointPrefix"])
        source = EVENT_SOURCE.get(self.name, facts["endpointPrefix"])
        operations = ",\n    ".join(f"&{self.operation_tag(n)}::model" for n in sorted(self.operations))
        return (
            f"constexpr const wire::OperationModel* all_operations[] = {{\n    {operations}}};\n\n"
            f"constinit const wire::ServiceModel service{{.name = {cpp_text(self.name)}, "
            f".api_version = {cpp_text(facts['apiVersion'])}, .endpoint_prefix = {cpp_text(facts['endpointPrefix'])}, "
            f".signing_name = {cpp_text(facts.get('signingName', facts['endpointPrefix']))}, "
            f".iam_prefix = {cpp_text(prefix)}, .event_source = {cpp_text(source + '.amazonaws.com')}, "
            f".protocol = wire::Protocol::{PROTOCOLS[facts['protocol']]}, "
            f".json_version = {cpp_text(facts.get('jsonVersion', ''))}, "
            f".target_prefix = {cpp_text(facts.get('targetPrefix', ''))}, "
            f".xml_namespace = {cpp_text(facts.get('xmlNamespace', ''))}, .operations = all_operations}};"
        )

    def source_text(self) -> str:
        parts = [
            f"// Made by tools/generate_models.py from models/{self.source}; not to be edited.\n"
            f'#include "models/{self.namespace}.h"\n\n#include <cstddef>\n#include <utility>\n\n'
            f"namespace sekisho::{self.namespace} {{\n\nnamespace {{\n"
        ]
        used = [n for n in self.sorted_simple_shapes()]
        parts += [self.shape_source(n).replace("constexpr Shape", "[[maybe_unused]] constexpr Shape") for n in used]
        parts.append("\n}  // namespace\n")
        parts += [self.structure_source(n) for n in self.structures]
        parts.append("\nnamespace errors {\n")
        parts += [self.error_source(n) for n in sorted(self.errors)]
        parts.append("\n}  // namespace errors\n")
        parts += [self.operation_source(n) for n in sorted(self.operations)]
        parts.append("\n" + self.service_source())
        parts.append(f"\n}}  // namespace sekisho::{self.namespace}\n")
        return "\n".join(parts)


def write_if_changed(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main() -> None:
    source, namespace, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    model = Model(source, namespace)
    write_if_changed(folder / f"{namespace}.h", model.header())
    write_if_changed(folder / f"{namespace}.cc", model.source_text())


if __name__ == "__main__":
    main()
