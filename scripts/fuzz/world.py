"""Makes what scripts/fuzz-api needs to be there: an organization, and something of each kind in it.

world.py organization GATEWAY EMAIL PASSWORD_FILE   prints the organization's id
world.py people GATEWAY EMAIL PASSWORD_FILE CONFIG  prints an access token of an administrator of the organization, and
                                                    writes the ids of what is there to the end of a schemathesis.toml
"""

import json
import sys
import urllib.parse
import urllib.request


def send(gateway, path, body, token=None, form=False):
    data = urllib.parse.urlencode(body) if form else json.dumps(body)
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"{gateway}/api/v1{path}", data.encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def log_in(gateway, email, password_file):
    with open(password_file) as file:
        password = file.readline().strip()
    return send(gateway, "/auth/token", {"username": email, "password": password}, form=True)["access_token"]


def main():
    what, gateway, email, password_file, *rest = sys.argv[1:]
    token = log_in(gateway, email, password_file)
    if what == "organization":
        print(send(gateway, "/organizations", {"name": "Fuzz", "time_zone": "Asia/Kolkata"}, token)["id"])
        return
    ids = make(gateway, token)
    with open(rest[0], "a") as config:
        config.write("\n[parameters]\n")
        config.writelines(f'"path.{name}" = "{value}"\n' for name, value in ids.items())
    print(token)


def make(gateway, token):
    """One of each kind, by the name of its path parameter."""
    def made(path, body):
        return send(gateway, path, body, token)["id"]

    ids = {"person_id": made("/people", {"kind": "student", "external_id": "S1", "name": "Ada"})}
    ids["course_id"] = made("/courses", {"code": "C1", "title": "Course"})
    send(gateway, f"/courses/{ids['course_id']}/roster", {"person_ids": [ids["person_id"]]}, token)
    ids["session_id"] = made("/sessions", {"course_id": ids["course_id"]})
    send(gateway, f"/sessions/{ids['session_id']}/start", {}, token)
    ids["camera_id"] = made("/cameras", {"name": "Door"})
    member = {"email": "member@fuzz.example", "role": "member", "password": "a password of some length"}
    ids["user_id"] = made("/users", member)
    timetable = {"rule": "FREQ=DAILY", "starts_on": "2030-01-07", "start_time": "08:15:00", "duration_minutes": 45}
    ids["series_id"] = made(f"/courses/{ids['course_id']}/series", timetable)
    ids["holiday_id"] = made("/holidays", {"first_day": "2030-12-25", "name": "Christmas"})
    ids["guided_capture_id"] = made(f"/people/{ids['person_id']}/guided-captures", {})
    return ids


main()
