"""The real Dockerfiles, built and run: nginx, web and worker, with PostgreSQL, Redis, and the sandbox as AWS."""

import re
import signal
import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.image.containers import Container
from tests.image.installation import ADDRESS, HOST, Installation, Task
from tests.image.visiting import Balancer, Person, roll
from tests.stack import wait_for

pytestmark = [pytest.mark.image, pytest.mark.timeout(1500), pytest.mark.xdist_group("image")]


def plain(task: Task, path: str, host: str = HOST, **headers: str) -> httpx.Response:
    given = {"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return httpx.get(f"http://127.0.0.1:{task.port}{path}", headers=given, timeout=30)


def test_the_image_holds_the_application_and_nothing_else(installation: Installation) -> None:
    root = installation.tealgate.root

    assert {path.name for path in (root / "app").iterdir()} == {
        "__pycache__", "certificates", "config", "deployments", "manage.py", "requirements.lock", "staticfiles",
        "templates",
    }  # fmt: skip
    assert {path.name for path in (root / "app/config/settings").glob("*.py")} == {
        "__init__.py", "base.py", "connections.py", "judging.py", "keys.py", "look.py", "mail.py", "passwords.py",
        "production.py", "queue.py", "reading.py", "sqlite.py", "teams.py",
    }  # fmt: skip
    shipped = [path.relative_to(root / "app") for path in (root / "app").rglob("*.py")]
    assert not [path for path in shipped if {"tests", "fakes", "sandbox", "demo", "bench"} & {*path.parts, path.stem}]
    assert not list((root / "opt/venv/bin").glob("pip*"))
    assert not (root / "etc/pip.conf").exists() or not (root / "etc/pip.conf").read_text()
    assert list((root / "run/secrets").iterdir()) == []
    assert not [path for path in (root / "app").rglob("*") if path.owner() != "root" or path.stat().st_mode & 0o022]


def test_both_images_run_as_users_without_rights(installation: Installation, task: Task) -> None:
    assert installation.tealgate.config["User"] == "10001:10001"
    assert installation.nginx.config["User"] == "10002:10002"
    assert (installation.tealgate.config["StopSignal"], installation.nginx.config["StopSignal"]) == (
        "SIGTERM", "SIGQUIT",
    )  # fmt: skip


def test_a_load_balancer_finds_the_task_healthy_and_strangers_are_refused(task: Task) -> None:
    assert plain(task, "/healthz", ADDRESS).text == "ok\n"
    assert plain(task, "/login/", ADDRESS).status_code == 400
    assert plain(task, "/healthz/", ADDRESS).status_code == 400


def test_plain_http_is_sent_to_https_and_nginx_does_not_tell_its_version(task: Task) -> None:
    answer = plain(task, "/login/")

    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{HOST}/login/")
    assert answer.headers["Server"] == "nginx"


def test_only_a_trusted_proxy_is_believed_about_https(installation: Installation, task: Task) -> None:
    balanced = installation.task(trusted="10.0.0.0/8, 127.0.0.1").start()
    balanced.wait()

    assert plain(task, "/login/", X_Forwarded_Proto="https").status_code == 301
    assert plain(balanced, "/login/", X_Forwarded_Proto="https").status_code == 200
    assert plain(balanced, "/login/", X_Forwarded_Proto="http").status_code == 301
    assert balanced.stop() == [0, 0]


def test_below_a_path_pages_static_files_and_health_are_found(installation: Installation) -> None:
    below = installation.task(
        tls=True, nginx={"SUB_PATH": "/tools/tealgate"}, SITE_URL=f"https://{HOST}/tools/tealgate"
    )
    below.start()
    below.wait()

    with Person(below) as person:
        page = person.page("/tools/tealgate/login/")
        path = re.search(r'"(/tools/tealgate/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
        assert path and person.client.get(path[1]).status_code == 200
        there = person.client.get("/tools/tealgate")
        assert (there.status_code, there.headers["Location"]) == (308, "/tools/tealgate/")
        signed_in = person.send("/tools/tealgate/login/", "/tools/tealgate/login/", username="manager", password="demo")
        assert (signed_in.status_code, signed_in.headers["Location"]) == (302, "/tools/tealgate/")
        assert "Path=/tools/tealgate" in signed_in.headers["Set-Cookie"]
        assert person.client.get("/login/").status_code == 404
    assert plain(below, "/healthz", ADDRESS).text == "ok\n"
    assert plain(below, "/tools/tealgate/healthz", ADDRESS).text == "ok\n"
    assert below.stop() == [0, 0]


def test_static_files_are_compressed_and_kept_for_ever(task: Task) -> None:
    with Person(task) as person:
        path = re.search(r'"(/static/[^"]+\.[0-9a-f]{12}\.css)"', person.page("/login/"))
        assert path
        of_another_version = re.sub(r"[0-9a-f]{12}", "0123456789ab", path[1])
        other = person.client.get(of_another_version)
        answers = {
            encoding: person.client.get(path[1], headers={"Accept-Encoding": encoding})
            for encoding in ("br", "gzip", "identity")
        }

    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-store")
    assert [answer.headers.get("Content-Encoding") for answer in answers.values()] == ["br", "gzip", None]
    assert {answer.headers["Cache-Control"] for answer in answers.values()} == {"max-age=315360000, public, immutable"}
    sizes = [int(answer.headers["Content-Length"]) for answer in answers.values()]
    assert sizes == sorted(sizes)


def test_pages_are_compressed_and_a_body_has_a_limit(task: Task) -> None:
    with Person(task) as person:
        assert person.client.get("/login/").headers["Content-Encoding"] == "gzip"
        assert person.client.post("/login/", content=b"x" * (1024 * 1024 + 1)).status_code == 413


def test_a_caller_s_word_for_its_address_is_not_taken(installation: Installation, task: Task) -> None:
    with Person(task) as person:
        person.client.headers["X-Forwarded-For"] = "198.51.100.7"
        assert person.sign_in("nobody", "wrong").status_code == 200

    show = "from axes.models import AccessAttempt as A; print(*A.objects.values_list('ip_address', flat=True))"
    assert installation.shell(show).split() == ["127.0.0.1"]


def test_a_deployment_goes_through_the_images_to_its_end(
    installation: Installation, task: Task, worker: Container
) -> None:
    with Person(task) as manager, Person(task) as approver:
        assert manager.sign_in("manager").status_code == 302
        assert approver.sign_in("approver").status_code == 302
        release, environment = keys(installation)
        query = f"release={release}&environment={environment}&strategy=CANARY"
        page = f"/deployments/deployment/preview/?{query}"

        requested = manager.send(page, "/deployments/deployment/preview/", reason="It was built")
        assert requested.status_code == 302, requested.text
        deployment = requested.headers["Location"]
        seen = re.search(r"/deployment/(\d+)/", deployment)
        assert seen
        wait_for(lambda: "/gates/" in approver.page(deployment), within=120, every=0.2)
        gate = re.search(rf"/deployments/deployment/{seen[1]}/gates/\d+/", approver.page(deployment))
        assert gate
        assert approver.send(deployment, gate[0], verdict="approve", comment="looks good").status_code == 302

        wait_for(lambda: status(installation, seen[1]) not in ("PENDING", "IN_PROGRESS"), within=120, every=0.5)
        assert status(installation, seen[1]) == "SUCCESSFUL"
        ready = manager.client.get("/readyz")
        assert (ready.status_code, ready.json()["heartbeat"]) == (200, "ok")


def test_rolling_the_web_tasks_loses_no_request(installation: Installation) -> None:
    old = [installation.task(trusted="127.0.0.1", WEB_WORKERS="1").start() for _ in range(2)]
    for each in old:
        each.wait()
    balancer = Balancer()
    for each in old:
        balancer.register(each)

    with balancer:
        wait_for(lambda: balancer.sent > 25)
        new = roll(balancer, old, lambda: installation.task(trusted="127.0.0.1", WEB_WORKERS="1"))
        after = balancer.sent
        wait_for(lambda: balancer.sent > after + 25)

    assert (balancer.lost, set(balancer.answers)) == (0, {"200"})
    assert all(balancer.by_task[each.port] for each in [*old, *new])
    assert [each.stop() for each in new] == [[0, 0], [0, 0]]


def test_what_is_being_answered_when_a_task_is_stopped_is_answered(installation: Installation) -> None:
    """A body that arrives slowly is a request under way: both containers get their signal in the middle of it."""
    stopped = installation.task(trusted="127.0.0.1").start()
    stopped.wait()
    sending = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield b"username=nobody&"
        sending.set()
        ended = threading.Event()
        threading.Timer(1, ended.set).start()
        ended.wait()
        yield b"password=wrong"

    answers: list[int] = []

    def send() -> None:
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Content-Type": "application/x-www-form-urlencoded"}
        answers.append(
            httpx.post(f"http://127.0.0.1:{stopped.port}/login/", content=slowly(), headers=headers).status_code
        )

    sender = threading.Thread(target=send)
    sender.start()
    sending.wait(5)
    stopped.nginx.ask_to_stop()
    sender.join()

    assert answers == [403]  # Django's answer to a form without its token
    assert stopped.stop() == [0, 0]


def test_reloading_nginx_and_gunicorn_loses_no_request(installation: Installation) -> None:
    reloaded = installation.task(trusted="127.0.0.1").start()
    reloaded.wait()
    balancer = Balancer()
    balancer.register(reloaded)

    with balancer:
        for container in (reloaded.nginx, reloaded.web, reloaded.nginx):
            before = balancer.sent
            wait_for(lambda: balancer.sent > before + 20)  # noqa: B023 - done before the next one
            container.signal(signal.SIGHUP)
        before = balancer.sent
        wait_for(lambda: balancer.sent > before + 50)

    assert (balancer.lost, set(balancer.answers)) == (0, {"200"})
    assert reloaded.stop() == [0, 0]


def test_while_web_is_away_nginx_says_so_in_a_sentence(installation: Installation) -> None:
    half = installation.task()
    half.nginx.start()
    wait_for(lambda: answers_503(half), every=0.02)

    answer = plain(half, "/")

    assert "Deployments go on without it" in answer.text
    assert answer.headers["Retry-After"] == "5"
    assert half.stop() == [0, None]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"WEB_ADDRESS": "web; evil"}, "WEB_ADDRESS is no address"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8 everyone"}, "TRUSTED_PROXIES has 'everyone'"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8 ::/0"}, "TRUSTED_PROXIES has '::/0', which is everybody"),
        ({"TLS_CERTIFICATE_FILE": "/nonexistent"}, "/nonexistent cannot be read"),
        ({"TLS_KEY_FILE": "/etc/hostname"}, "TLS_CERTIFICATE_FILE is not set"),
        ({"NGINX_PORT": "http"}, "NGINX_PORT is no number"),
    ],
)
def test_nginx_says_what_is_wrong_with_its_settings(
    variables: dict[str, str], sentence: str, installation: Installation
) -> None:
    with pytest.raises(RuntimeError, match=re.escape(sentence)):
        Container(installation.nginx, installation.home / "wrong.log", (), variables).run()


def test_the_worker_ends_by_itself_when_it_is_asked_to(worker: Container) -> None:
    wait_for(lambda: "worker runs" in worker.log.read_text())

    assert worker.stop() == 0


def keys(installation: Installation) -> tuple[str, str]:
    show = (
        "from deployments.models import Environment as E, Release as R; "
        "print(R.objects.get(version='1.1.0').pk, E.objects.get(name='production').pk)"
    )
    release, environment = installation.shell(show).split()
    return release, environment


def status(installation: Installation, deployment: str) -> str:
    show = f"from deployments.models import Deployment as D; print(D.objects.get(pk={deployment}).status)"
    return installation.shell(show).strip()


def answers_503(task: Task) -> bool:
    try:
        return plain(task, "/").status_code == 503
    except httpx.HTTPError:
        return False
