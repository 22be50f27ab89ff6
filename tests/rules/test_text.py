from __future__ import annotations

import textwrap

import pytest

from determinism_lint.errors import CatalogueError
from determinism_lint.rules.text import RuleText, parse_text, split_front_matter


def parse(text: str) -> RuleText:
    return parse_text(textwrap.dedent(text), "r.md", 10)


def test_sections_and_single_examples() -> None:
    text = parse("""\
        # A title
        Why it matters.

        ```text
        ## Not a heading
        ```
        ## Python
        Some words.
        ```python wrong
        a = now()  # error
        b = now()  #warning
        ```
        ```python correct sdk=durable-functions-python
        pass
        ```
        ## Java
        ```java wrong
        x(); // info
        ```
        """)
    assert text.title == "A title"
    assert text.why.startswith("Why it matters.")
    assert list(text.sections) == ["python", "java"]
    assert text.sections["python"].startswith("Some words.")
    assert [(each.kind, each.language, each.sdk, each.line) for each in text.examples] == [
        ("wrong", "python", "durable-task-python", 18),
        ("correct", "python", "durable-functions-python", 22),
        ("wrong", "java", "durable-task-java", 26),
    ]
    assert text.examples[0].files == {"example.py": "a = now()  # error\nb = now()  #warning\n"}
    assert text.examples[0].marks == {("example.py", 1, "error"), ("example.py", 2, "warning")}
    assert text.examples[2].marks == {("example.java", 1, "info")}


def test_fences_in_a_row_that_name_files_are_one_project() -> None:
    text = parse("""\
        # T
        ## Python
        ```python wrong file=helpers.py
        now()  # error
        ```

        ```python wrong file=app.py
        import helpers
        ```
        ```json wrong file=f/function.json
        {}
        ```
        ```python wrong file=app.py
        other()  # error
        ```
        Words between.
        ```python wrong file=more.py
        more()  # error
        ```
        ```python correct file=more.py
        more()
        ```
        ```python correct
        alone()
        ```
        ```python correct file=after.py
        after()
        ```
        """)
    assert [list(each.files) for each in text.examples] == [
        ["helpers.py", "app.py", "f/function.json"],
        ["app.py"],
        ["more.py"],
        ["more.py"],
        ["example.py"],
        ["after.py"],
    ]
    assert text.examples[0].marks == {("helpers.py", 1, "error")}


def test_longer_fences_hold_shorter_ones() -> None:
    text = parse("""\
        # T
        ## Python
        ````python correct
        '''
        ```
        '''
        ````
        """)
    assert text.examples[0].files["example.py"] == "'''\n```\n'''\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no title", "r.md:10: a rule begins with `# Title`"),
        ("# A\n# B", "r.md:11: a rule has one title"),
        ("# A\n## Pyhton", "r.md:11: heading 'Pyhton' is none of Python, C#, Java, JavaScript"),
        ("# A\n## Java\n## Java", "r.md:12: section 'Java' occurs twice"),
        ("# A\n```python\n", "r.md:11: the fence is not closed"),
        ("# A\n```python wrong\nx  # error\n```\n", "r.md:11: examples belong below the heading"),
        ("# A\n## Java\n```java sdk=x wrong\n```\n", "r.md:12: the word after the language is"),
        ("# A\n## Java\n```java wrong what\n```\n", "r.md:12: 'what' is neither"),
        ("# A\n## Java\n```java wrong\nx();\n```\n", "r.md:12: no line of this wrong example is marked"),
        ("# A\n## Java\n```java correct\nx(); // error\n```\n", "r.md:12: a correct example has no marks"),
    ],
)
def test_what_is_no_rule(text: str, message: str) -> None:
    with pytest.raises(CatalogueError) as error:
        parse(text)
    assert str(error.value).startswith(message)


def test_front_matter() -> None:
    assert split_front_matter("---\na: 1\n---\n# T\n", "r.md") == ("a: 1\n", "# T\n", 4)
    for text in ("# T\n", "---\na: 1\n"):
        with pytest.raises(CatalogueError, match=r"r\.md: must begin with front matter"):
            split_front_matter(text, "r.md")
