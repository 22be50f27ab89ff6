#!/bin/sh
# Hands an AI agent's event on to `determinism-lint hook`, wherever that is: in the project's virtual environment, on
# PATH, or fetched by uvx or pipx. Needs nothing but sh, and never disturbs the agent: it always exits 0.

event=$(cat)
project=${CLAUDE_PROJECT_DIR:-$(git rev-parse --show-toplevel 2>/dev/null || pwd)}

# Succeeds when this linter could be run; what it says, if anything, goes to the agent.
try() {
    answer=$(printf '%s' "$event" | DETERMINISM_LINT_COMMAND="$*" "$@" hook) || return 1
    [ -z "$answer" ] || printf '%s\n' "$answer"
    exit 0
}

# The programs of a virtual environment, which is never committed: one that is may be anybody's.
for folder in . "$project"; do
    for programs in .venv/bin .venv/Scripts venv/bin venv/Scripts; do
        program=$folder/$programs/determinism-lint
        [ -f "$program" ] || program=$program.exe
        [ -f "$program" ] || continue
        git -C "$folder" ls-files --error-unmatch -- "${program#"$folder"/}" >/dev/null 2>&1 || try "${program#./}"
    done
done
command -v determinism-lint >/dev/null 2>&1 && try determinism-lint

# Whatever follows costs time or the network, so it is for projects with durable code only.
case $event in
    *rchestrat* | *durable* | *Durable*) ;;
    *)
        cd "$project" 2>/dev/null || exit 0
        grep -qiE 'durable-?task|(azure-functions-|Microsoft\.[A-Za-z.]*|@microsoft/)durable|durable-?functions|dapr' \
            pyproject.toml requirements*.txt setup.cfg Pipfile package.json ./*.csproj pom.xml build.gradle* \
            2>/dev/null || exit 0
        ;;
esac
command -v uvx >/dev/null 2>&1 && try uvx determinism-lint
command -v pipx >/dev/null 2>&1 && try pipx run determinism-lint

# Say once in a session how to get it, after an edit: a turn's end is no time for that.
case $event in
    *'"stop_hook_active"'* | *'"stopReason"'*) exit 0 ;;
esac
session=$(printf '%s' "$event" | sed -n 's/.*"session_*[iI]d" *: *"\([A-Za-z0-9-]*\)".*/\1/p' | head -n 1)
mkdir "${TMPDIR:-/tmp}/determinism-lint-said-${session:-once}" 2>/dev/null || exit 0
text='determinism-lint is not installed here, so durable orchestrations are not checked for replay safety. Tell the user, and offer to install it: `uv tool install determinism-lint` or `pip install determinism-lint`.'
case $event in
    *'"toolResult"'* | *'"tool_result"'*) printf '{"additionalContext": "%s"}\n' "$text" ;;
    *) printf '{"hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext": "%s"}}\n' "$text" ;;
esac
exit 0
