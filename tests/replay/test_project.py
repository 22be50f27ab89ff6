from __future__ import annotations

import os
import sys

from determinism_lint.replay.project import Project


def make(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    return str(path)


def test_lone_file_owns_its_folder(tmp_path):
    project = Project.of(make(tmp_path / "app" / "main.py"), str(tmp_path / "elsewhere"))
    assert project.root == str(tmp_path / "app")
    assert project.package == ""
    assert project.owns(str(tmp_path / "app" / "deep" / "helper.py"))
    assert not project.owns(str(tmp_path / "application.py"))


def test_working_directory_is_the_project_if_the_file_is_below(tmp_path):
    project = Project.of(make(tmp_path / "src" / "main.py"), str(tmp_path))
    assert project.root == str(tmp_path)
    assert project.import_paths == (str(tmp_path / "src"), str(tmp_path))


def test_package_is_found(tmp_path):
    make(tmp_path / "src" / "shop" / "__init__.py")
    make(tmp_path / "src" / "shop" / "orders" / "__init__.py")
    project = Project.of(make(tmp_path / "src" / "shop" / "orders" / "flow.py"), "/")
    assert project.package == "shop.orders"
    assert project.import_paths[:2] == (str(tmp_path / "src" / "shop" / "orders"), str(tmp_path / "src"))


def test_installed_code_is_not_owned(tmp_path):
    project = Project.of(make(tmp_path / "main.py"), str(tmp_path))
    assert not project.owns(str(tmp_path / ".venv" / "lib" / "site-packages" / "durabletask" / "worker.py"))
    everything = Project(str(tmp_path / "main.py"), os.sep)
    assert not everything.owns(os.__file__)
    assert not everything.owns(sys.modules[Project.__module__].__file__ or "")
    assert not everything.owns("<frozen importlib._bootstrap>")
