#!/usr/bin/env bash
# A report as an issue: `.github/issue.sh TITLE FILE`. The open one with this title gets the new text, so that there is one.
set -euo pipefail
title=$1
body=$(mktemp)
head -c 60000 "$2" >"$body"  # GitHub takes 65,536 characters.
number=$(gh issue list --state open --limit 200 --json number,title | jq --arg title "$title" '[.[] | select(.title == $title).number][0] // empty')
if [ -n "$number" ]; then
    gh issue edit "$number" --body-file "$body"
else
    gh issue create --title "$title" --body-file "$body"
fi
