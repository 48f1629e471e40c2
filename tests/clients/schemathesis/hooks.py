"""Redirects are answers of their own, not followed; and an answer that only `default` describes is a listed problem."""

import os
import re

import schemathesis

with open(os.environ["YIZHAN_HTTP_ERRORS"], encoding="utf-8") as file:
    # Rows `| status | code |` or `| code | status |` of the table.
    ROWS = [[cell.strip(" `") for cell in line.strip("|\n ").split("|")] for line in file if line.startswith("|")]
PROBLEMS = {
    (int(number), code)
    for row in ROWS
    for number in row[:2]
    if re.fullmatch(r"[45]\d\d", number)
    for code in row[:2]
    if re.fullmatch(r"[a-z-]+", code)
}
assert len(PROBLEMS) > 10, "docs/http-errors.md has another form"


@schemathesis.hook
def before_call(context, case, kwargs):
    kwargs["allow_redirects"] = False


@schemathesis.check
def problem_is_listed(context, response, case):
    described = case.operation.definition.raw["responses"]
    if str(response.status_code) in described or response.status_code == 405:
        return
    if "application/problem+json" in response.headers["content-type"][0]:
        problem = response.json()
        found = (problem["status"], problem["code"])
        assert problem["status"] == response.status_code, f"the body says {problem['status']}"
        assert found in PROBLEMS, f"{found} is not in docs/http-errors.md"
    else:
        statuses = {status for status, _ in PROBLEMS}
        assert response.status_code in statuses, f"{response.status_code} is not in docs/http-errors.md"
