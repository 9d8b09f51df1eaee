"""A small server that answers as OSRM documents it, and as OpenTripPlanner does, run as a process of its own.

    python -m tests.travel.engine LOG    prints the port it listens on; LOG gets a line a request

The first part of the path says how it behaves: `/good`, `/slow`, `/html`. Streets here are twice as long as straight
lines, and nobody gets anywhere west of Penzance.
"""

import json
import math
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

METRES_A_SECOND = {"foot": 1.4, "bike": 4.5, "car": 12.0, "driving": 12.0, "transit": 8.0}
STREETS = 2.0
WEST_OF_ALL = -5.5
OTP = {"WALK": "foot", "BICYCLE": "bike", "CAR": "car"}


def seconds(profile: str, here: tuple[float, float], there: tuple[float, float]) -> float | None:
    """From (longitude, latitude) to another, as the crow would walk it twice; None where there is no way."""
    if there[0] < WEST_OF_ALL:
        return None
    east = (there[0] - here[0]) * 111_320 * math.cos(math.radians(here[1]))
    return round(math.hypot(east, (there[1] - here[1]) * 110_574) * STREETS / METRES_A_SECOND[profile], 1)


def table(path: str) -> dict[str, Any]:
    """OSRM's answer to /table/v1/{profile}/{coordinates}: https://project-osrm.org/docs/v5.24.0/api/#responses-2"""
    profile, coordinates = path.partition("?")[0].split("/")[-2:]
    spots = [
        (float(longitude), float(latitude)) for longitude, latitude in (s.split(",") for s in coordinates.split(";"))
    ]
    waypoints = [{"hint": "", "distance": 1.5, "name": "", "location": spot} for spot in spots]
    return {
        "code": "Ok",
        "durations": [[seconds(profile, spots[0], spot) for spot in spots]],
        "sources": waypoints[:1],
        "destinations": waypoints,
    }


def plans(query: str) -> dict[str, Any]:
    """OpenTripPlanner's answer to several aliased `planConnection`s."""
    found: dict[str, Any] = {}
    for part in query.strip("{}").split("planConnection")[1:]:
        numbers = [float(each.split("}")[0].split(",")[0]) for each in part.replace("itude:", "\n").split("\n")[1:]]
        (south, west, north, east), mode = numbers, part.partition("direct: [")[2].partition("]")[0]
        duration = seconds(OTP.get(mode, "transit"), (west, south), (east, north))
        edges = [] if duration is None else [{"node": {"duration": round(duration) + late}} for late in (60, 0)]
        found[f"p{len(found)}"] = {"edges": edges}
    return {"data": found}


class Engine(BaseHTTPRequestHandler):
    server: "Server"

    def do_GET(self) -> None:
        self.note("")
        how = self.path.split("/")[1]
        answer = table(self.path)
        if how == "short":
            answer["durations"][0].pop()
        elif how == "rows":
            answer["durations"] *= 2
        elif how == "negative":
            answer["durations"][0] = [-1 for _ in answer["durations"][0]]
        elif how == "words":
            answer["durations"][0] = ["soon" for _ in answer["durations"][0]]
        elif how == "nulls":
            answer["durations"][0] = [None for _ in answer["durations"][0]]
        self.behave(how, answer)

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["query"]
        self.note(query)
        how = self.path.split("/")[1]
        self.behave(how, {"errors": [{"message": "no"}], "data": None} if how == "errors" else plans(query))

    def behave(self, how: str, answer: dict[str, Any]) -> None:
        if how == "slow":
            time.sleep(5)
        status = {"error": 500, "busy": 429, "toobig": 400, "moved": 302}.get(how, 200)
        if how == "toobig":
            answer = {"code": "TooBig", "message": "Too many table coordinates"}
        bodies = {"html": "<html>hello", "list": "[]", "empty": "", "nan": '{"code": "Ok", "durations": [[NaN, NaN]]}'}
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if how == "moved":
            self.send_header("Location", self.path.replace("/moved/", "/good/"))
        self.end_headers()
        try:
            self.wfile.write(bodies.get(how, json.dumps(answer)).encode())
            while how == "endless":
                self.wfile.write(b" " * 10_000)
                time.sleep(0.01)
        except OSError:
            pass  # whoever asked has gone

    def note(self, body: str) -> None:
        with self.server.log.open("a") as log:
            log.write(f"{self.command} {self.path} {body}\n")

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, log: Path) -> None:
        super().__init__(("127.0.0.1", 0), Engine)
        self.log = log


if __name__ == "__main__":
    server = Server(Path(sys.argv[1]))
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
