"""The model generator's output on a small model that has every feature, compared with what is kept here.

    python3 -m unittest tests/golden/test_generator.py
    python3 tests/golden/test_generator.py --update     # after a change that is meant; read the difference
"""

import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GENERATOR = ROOT / "tools" / "generate_models.py"


def load_generator():
    spec = importlib.util.spec_from_file_location("generate_models", GENERATOR)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generate(model: Path, namespace: str, folder: Path) -> None:
    subprocess.run([sys.executable, GENERATOR, model, namespace, folder], check=True)


class GeneratorTest(unittest.TestCase):
    maxDiff = None

    def test_golden(self):
        with tempfile.TemporaryDirectory() as folder:
            generate(HERE / "features.json", "features", Path(folder))
            for name in ("features.h", "features.cc"):
                self.assertEqual((HERE / (name + ".golden")).read_text(), (Path(folder) / name).read_text(), name)

    def test_same_model_leaves_files_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            generate(HERE / "features.json", "features", Path(folder))
            before = (Path(folder) / "features.h").stat().st_mtime_ns
            generate(HERE / "features.json", "features", Path(folder))
            self.assertEqual(before, (Path(folder) / "features.h").stat().st_mtime_ns)

    def test_names(self):
        snake = load_generator().snake
        for name, expected in {
            "DescribeHTTPServer2": "describe_http_server2",
            "SAMLAssertion": "saml_assertion",
            "ACLs": "ac_ls",
            "userId": "user_id",
            "class": "class_",
            "dark-blue": "dark_blue",
            "OpenIDConnectProviderArn": "open_id_connect_provider_arn",
        }.items():
            self.assertEqual(snake(name), expected)

    def test_models_are_sorted_and_refer_to_shapes_they_have(self):
        import json

        models = sorted((ROOT / "models").glob("*.json")) + sorted((ROOT / "models" / "aws").glob("*.json"))
        self.assertGreaterEqual(len(models), 9)
        for path in models:
            model = json.loads(path.read_text())
            if path.name == "ec2_zones.json":  # data, no model
                continue
            self.assertEqual(list(model["operations"]), sorted(model["operations"]), path.name)
            self.assertEqual(list(model["shapes"]), sorted(model["shapes"]), path.name)
            self.assertNotIn('"documentation"', path.read_text(), path.name)
            for name, shape in model["shapes"].items():
                references = list(shape.get("members", {}).values())
                references += [shape[key] for key in ("member", "key", "value") if key in shape]
                for reference in references:
                    self.assertIn(reference["shape"], model["shapes"], f"{path.name}: {name}")
                for member in shape.get("required", []):
                    self.assertIn(member, shape["members"], f"{path.name}: {name}")
            for name, operation in model["operations"].items():
                references = [operation[key] for key in ("input", "output") if key in operation]
                for reference in references + operation.get("errors", []):
                    self.assertIn(reference["shape"], model["shapes"], f"{path.name}: {name}")

    def test_sekisho_pages(self):
        import json

        model = json.loads((ROOT / "models" / "sekisho.json").read_text())
        for name, operation in model["operations"].items():
            members = model["shapes"][operation["input"]["shape"]]["members"]
            self.assertEqual("MaxResults" in members, name in model["pagination"], name)


def update() -> None:
    with tempfile.TemporaryDirectory() as folder:
        generate(HERE / "features.json", "features", Path(folder))
        for name in ("features.h", "features.cc"):
            (HERE / (name + ".golden")).write_text((Path(folder) / name).read_text())


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    else:
        unittest.main()
