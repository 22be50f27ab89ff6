"""A C# compiler that stays up: one JSON request a line in, one JSON answer a line out.

Runs in an environment that has pythonnet, on the .NET runtime and the Roslyn of `tests.dotnet.compiler`. The first line
tells where these are, and the libraries by name; each further line is one compilation.
"""

# mypy: ignore-errors

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from clr_loader import get_coreclr
from pythonnet import set_runtime


def main() -> None:
    setup = json.loads(sys.stdin.readline())
    set_runtime(get_coreclr(runtime_config=setup["runtime_config"], dotnet_root=setup["dotnet"]))
    import clr

    sys.path.append(setup["roslyn"])
    clr.AddReference("Microsoft.CodeAnalysis")
    clr.AddReference("Microsoft.CodeAnalysis.CSharp")
    compiler = _Compiler(setup["references"])
    libraries = {}
    for name, library in setup["libraries"].items():
        compilation = compiler.compilation(library["files"], library["references"], [])
        libraries[name] = compilation.ToMetadataReference()
        _answer(compiler.problems(compilation))
    for line in sys.stdin:
        request = json.loads(line)
        compilation = compiler.compilation(request["files"], request["references"], [libraries[request["library"]]])
        _answer(compiler.problems(compilation))


def _answer(problems: list[dict[str, object]]) -> None:
    print(json.dumps(problems), flush=True)


class _Compiler:
    def __init__(self, references: Mapping[str, str]) -> None:
        import Microsoft.CodeAnalysis
        import Microsoft.CodeAnalysis.CSharp

        self._api, self._csharp = Microsoft.CodeAnalysis, Microsoft.CodeAnalysis.CSharp
        create = self._api.MetadataReference.CreateFromFile
        self._references = {name: create(path) for name, path in references.items()}
        self._parse = self._csharp.CSharpParseOptions(self._csharp.LanguageVersion.CSharp12)  # that of .NET 8

    def compilation(self, files: Mapping[str, str], references: list[str], libraries: list[object]) -> object:
        from System import Array

        parse = self._csharp.CSharpSyntaxTree.ParseText
        trees = [parse(text, self._parse, name) for name, text in files.items()]
        runs = any("GlobalStatement" in str(node.GetType()) for tree in trees for node in tree.GetRoot().ChildNodes())
        kinds = self._api.OutputKind
        options = self._csharp.CSharpCompilationOptions(
            kinds.ConsoleApplication if runs else kinds.DynamicallyLinkedLibrary
        ).WithNullableContextOptions(self._api.NullableContextOptions.Enable)
        return self._csharp.CSharpCompilation.Create(
            "unit",
            Array[self._api.SyntaxTree](trees),
            Array[self._api.MetadataReference]([*(self._references[name] for name in references), *libraries]),
            options,
        )

    def problems(self, compilation: object) -> list[dict[str, object]]:
        """The errors and warnings."""
        found = []
        for it in compilation.GetDiagnostics():
            if int(it.Severity) >= 2 and it.Id not in ("CS1701", "CS1702"):  # as every project file has it
                place = it.Location.GetLineSpan()
                found.append(
                    {
                        "id": it.Id,
                        "error": int(it.Severity) == 3,
                        "file": place.Path,
                        "line": place.StartLinePosition.Line + 1,
                        "message": it.GetMessage(),
                    }
                )
        return found


if __name__ == "__main__":
    main()
