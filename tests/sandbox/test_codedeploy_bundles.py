"""What an agent makes of a bundle: where it comes from, its files, its scripts, and what it leaves running."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox
from sandbox.world.names import REPORTS_BUCKET
from sandbox.world.reports import AMAZON_LINUX, revision
from tests.sandbox.conftest import EPHEMERAL, eventually
from tests.sandbox.releases import diagnosis, instances, over

OTHER = {"applicationName": "reports", "deploymentGroupName": "workers"}


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("github")


@pytest.fixture(scope="module")
def sandbox(github: Path) -> Iterator[Sandbox]:
    with Sandbox(scale=60, listener_ports=EPHEMERAL, applications=["reports"], github=github) as running:
        yield running


@pytest.fixture
def codedeploy(client: Any) -> Any:
    return client("codedeploy")


@pytest.fixture
def workers(client: Any, sandbox: Sandbox) -> Iterator[list[str]]:
    """Two tagged instances without a load balancer, and a group that deploys to them."""
    ec2, codedeploy = client("ec2"), client("codedeploy")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": "worker"}]}]
    script = "#!/bin/bash\nuseradd --create-home deployer\n"
    two = {"ImageId": AMAZON_LINUX, "MinCount": 2, "MaxCount": 2, "UserData": script}
    started = ec2.run_instances(**two, TagSpecifications=tags)["Instances"]
    codedeploy.create_deployment_group(
        **OTHER,
        serviceRoleArn=sandbox.control.world["codedeploy"]["service_role"],
        deploymentConfigName="CodeDeployDefault.AllAtOnce",
        ec2TagFilters=[{"Key": "role", "Value": "worker", "Type": "KEY_AND_VALUE"}],
    )
    ids = [each["InstanceId"] for each in started]
    yield ids
    codedeploy.delete_deployment_group(**OTHER)
    ec2.terminate_instances(InstanceIds=ids)
    eventually(lambda: not {each.id for each in sandbox.codedeploy.fleet.running()} & set(ids))


def uploaded(client: Any, key: str, files: dict[str, str]) -> dict[str, Any]:
    """A tgz bundle in S3."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text.encode()), 0o755
            archive.addfile(entry, io.BytesIO(text.encode()))
    client("s3").put_object(Bucket=REPORTS_BUCKET, Key=key, Body=buffer.getvalue())
    location = {"bucket": REPORTS_BUCKET, "key": key, "bundleType": "tgz"}
    return {"revisionType": "S3", "s3Location": location}


def test_a_bundle_that_is_not_there_is_named(codedeploy: Any, client: Any, workers: list[str]) -> None:
    missing = {"bucket": REPORTS_BUCKET, "key": "9.9.9.zip", "bundleType": "zip"}

    number = codedeploy.create_deployment(**OTHER, revision={"revisionType": "S3", "s3Location": missing})
    ended = over(codedeploy, number["deploymentId"])

    assert (ended["status"], ended["errorInformation"]["code"]) == ("Failed", "HEALTH_CONSTRAINTS")
    seen = diagnosis(instances(codedeploy, number["deploymentId"])[0])
    assert (seen["event"], seen["errorCode"]) == ("DownloadBundle", "UnknownError")
    assert seen["message"].startswith("The specified key does not exist")


def test_scripts_see_the_deployment_and_all_at_once_bears_a_failure(
    codedeploy: Any, client: Any, sandbox: Sandbox, workers: list[str]
) -> None:
    script = (
        '#!/bin/sh\necho "$LIFECYCLE_EVENT $APPLICATION_NAME $DEPLOYMENT_GROUP_NAME" > "$INSTANCE_ROOT/seen"\n'
        'echo "$DEPLOYMENT_ID" >> "$INSTANCE_ROOT/seen"\n[ ! -f "$INSTANCE_ROOT/broken" ]\n'
    )
    spec = (
        "version: 0.0\nos: linux\nfiles:\n  - source: note.txt\n    destination: /etc/app\n"
        "hooks:\n  AfterInstall:\n    - location: note.sh\n      timeout: 60\n"
    )
    where = uploaded(client, "noted.tgz", {"appspec.yml": spec, "note.sh": script, "note.txt": "hello"})
    first, second = (sandbox.codedeploy.fleet.instance(number) for number in workers)
    (second.root / "broken").touch()

    number = codedeploy.create_deployment(**OTHER, revision=where)["deploymentId"]

    assert over(codedeploy, number)["status"] == "Succeeded"
    assert (first.root / "seen").read_text() == f"AfterInstall reports workers\n{number}\n"
    assert (first.root / "etc/app/note.txt").read_text() == "hello"
    assert sorted(each["status"] for each in instances(codedeploy, number)) == ["Failed", "Succeeded"]


def test_a_file_that_is_there_already_is_not_overwritten(
    codedeploy: Any, client: Any, sandbox: Sandbox, workers: list[str]
) -> None:
    spec = "version: 0.0\nos: linux\nfiles:\n  - source: note.txt\n    destination: /etc/app\n"
    where = uploaded(client, "clash.tgz", {"appspec.yml": spec, "note.txt": "theirs"})
    roots = [sandbox.codedeploy.fleet.instance(number).root for number in workers]
    for root in roots:
        (root / "etc/app").mkdir(parents=True)
        (root / "etc/app/note.txt").write_text("ours")

    refused = codedeploy.create_deployment(**OTHER, revision=where)["deploymentId"]
    assert over(codedeploy, refused)["status"] == "Failed"
    kept = codedeploy.create_deployment(**OTHER, revision=where, fileExistsBehavior="RETAIN")["deploymentId"]
    assert over(codedeploy, kept)["status"] == "Succeeded"

    assert diagnosis(instances(codedeploy, refused)[0])["message"].endswith("at this location: /etc/app/note.txt")
    assert {(root / "etc/app/note.txt").read_text() for root in roots} == {"ours"}

    decided = {"appspec.yml": spec + "file_exists_behavior: OVERWRITE\n", "note.txt": "theirs"}
    where = uploaded(client, "decided.tgz", decided)
    put = codedeploy.create_deployment(**OTHER, revision=where, fileExistsBehavior="DISALLOW")["deploymentId"]
    assert over(codedeploy, put)["status"] == "Succeeded"
    assert {(root / "etc/app/note.txt").read_text() for root in roots} == {"theirs"}


def test_a_github_revision_is_read_from_a_directory(
    codedeploy: Any, sandbox: Sandbox, github: Path, workers: list[str]
) -> None:
    commit = github / "shop" / "worker" / "c0ffee"
    commit.mkdir(parents=True)
    (commit / "appspec.yml").write_text("version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /srv\n")

    def deploy(name: str) -> dict[str, Any]:
        location = {"repository": "shop/worker", "commitId": name}
        where = {"revisionType": "GitHub", "gitHubLocation": location}
        return over(codedeploy, codedeploy.create_deployment(**OTHER, revision=where)["deploymentId"])

    assert deploy("c0ffee")["status"] == "Succeeded"
    assert (sandbox.codedeploy.fleet.instance(workers[0]).root / "srv/appspec.yml").exists()
    missing = deploy("decaf")
    said = diagnosis(instances(codedeploy, missing["deploymentId"])[0])["message"]
    assert said.startswith(
        "Could not download bundle at 'https://api.github.com/repos/shop/worker/tarball/decaf' after 3"
    )


TUTORIAL = """version: 0.0
os: linux
files:
  - source: /
    destination: /var/www/html
permissions:
  - object: /var/www/html
    owner: ec2-user
    group: ec2-user
    mode: 755
    type: [directory]
hooks:
  AfterInstall:
    - location: /scripts/set_owner
      timeout: 5
      runas: root
"""
SET_OWNER = """# no shebang
chown -R ec2-user:ec2-user /var/www/html
chmod 640 /var/www/html/index.html
echo "$LIFECYCLE_EVENT" > "$INSTANCE_ROOT/seen"
"""


def tutorial(client: Any, key: str, top: str = "", script: str = SET_OWNER) -> dict[str, Any]:
    """A zip as people make it: no modes, no shebang, perhaps one folder with everything in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        files = {"appspec.yml": TUTORIAL, "index.html": "<h1>Hello</h1>", "scripts/set_owner": script}
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(f"{top}{name}"), text)
    client("s3").put_object(Bucket=REPORTS_BUCKET, Key=key, Body=buffer.getvalue())
    return {"revisionType": "S3", "s3Location": {"bucket": REPORTS_BUCKET, "key": key, "bundleType": "zip"}}


def test_the_tutorial_s_bundle_runs(codedeploy: Any, client: Any, sandbox: Sandbox, workers: list[str]) -> None:
    number = codedeploy.create_deployment(**OTHER, revision=tutorial(client, "t.zip"))["deploymentId"]

    assert over(codedeploy, number)["status"] == "Succeeded"
    root = sandbox.codedeploy.fleet.instance(workers[0]).root
    page = root / "var/www/html/index.html"
    assert (page.read_text(), page.stat().st_mode & 0o777) == ("<h1>Hello</h1>", 0o640)
    assert (root / "seen").read_text() == "AfterInstall\n"


@pytest.mark.parametrize(("user", "ended"), [("deployer", "Succeeded"), ("ubuntu", "Failed")])
def test_a_script_runs_as_a_user_of_the_image_or_of_user_data(
    codedeploy: Any, client: Any, workers: list[str], user: str, ended: str
) -> None:
    spec = f"version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: note\n      runas: {user}\n"
    where = uploaded(client, f"{user}.tgz", {"appspec.yml": spec, "note": "true\n"})

    number = codedeploy.create_deployment(**OTHER, revision=where)["deploymentId"]

    assert over(codedeploy, number)["status"] == ended
    if ended == "Failed":
        seen = diagnosis(instances(codedeploy, number)[0])
        assert seen["message"] == "Script at specified location: note run as user ubuntu failed with exit code 1"
        assert "su: user ubuntu does not exist" in seen["logTail"]


def test_what_was_put_in_place_is_stopped_by_its_own_script_even_if_its_deployment_failed(
    codedeploy: Any, client: Any, sandbox: Sandbox, workers: list[str]
) -> None:
    hooks = "hooks:\n  ApplicationStop:\n    - location: stop\n  AfterInstall:\n    - location: check\n"
    spec = "version: 0.0\nos: linux\n" + hooks
    said = 'echo {} >> "$INSTANCE_ROOT/said"\n'
    bundles = {
        name: uploaded(client, f"{name}.tgz", {"appspec.yml": spec, "stop": said.format(name), "check": check})
        for name, check in {"good": "true\n", "bad": "false\n"}.items()
    }

    ended = [
        over(codedeploy, codedeploy.create_deployment(**OTHER, revision=bundles[name])["deploymentId"])["status"]
        for name in ("good", "bad", "good")
    ]

    assert ended == ["Succeeded", "Failed", "Succeeded"]
    root = sandbox.codedeploy.fleet.instance(workers[0]).root
    assert (root / "said").read_text().split() == ["good", "bad"]


def test_an_event_that_codedeploy_does_not_have_is_found_when_files_are_installed(
    codedeploy: Any, client: Any, workers: list[str]
) -> None:
    spec = "version: 0.0\nos: linux\nhooks:\n  AfterDeploy:\n    - location: check\n"
    where = uploaded(client, "event.tgz", {"appspec.yml": spec, "check": "true\n"})

    number = codedeploy.create_deployment(**OTHER, revision=where)["deploymentId"]

    assert over(codedeploy, number)["status"] == "Failed"
    seen = diagnosis(instances(codedeploy, number)[0])
    assert (seen["event"], seen["message"]) == (
        "Install",
        'appspec.yml file contains unknown lifecycle events: ["AfterDeploy"]',
    )


def test_scripts_are_told_of_the_bundle_and_never_run_in_it(
    codedeploy: Any, client: Any, sandbox: Sandbox, workers: list[str]
) -> None:
    spec = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: note\n"
    said = 'echo "$BUNDLE_BUCKET $BUNDLE_KEY" > "$INSTANCE_ROOT/bundle"\npwd >> "$INSTANCE_ROOT/bundle"\n'
    where = uploaded(client, "told.tgz", {"appspec.yml": spec, "note": said})

    assert over(codedeploy, codedeploy.create_deployment(**OTHER, revision=where)["deploymentId"])["status"] == (
        "Succeeded"
    )

    root = sandbox.codedeploy.fleet.instance(workers[0]).root
    assert (root / "bundle").read_text() == f"{REPORTS_BUCKET} told.tgz\n{root}/opt/codedeploy-agent\n"


def test_without_a_connection_to_github_nothing_is_downloaded(
    codedeploy: Any, sandbox: Sandbox, workers: list[str]
) -> None:
    shown = codedeploy.get_application(applicationName="reports")["application"]
    assert (shown["linkedToGitHub"], shown["gitHubAccountName"]) == (True, "sandbox")
    assert codedeploy.list_git_hub_account_token_names()["tokenNameList"] == ["sandbox"]
    location = {"repository": "shop/worker", "commitId": "c0ffee"}

    codedeploy.delete_git_hub_account_token(tokenName="sandbox")
    try:
        number = codedeploy.create_deployment(**OTHER, revision={"revisionType": "GitHub", "gitHubLocation": location})[
            "deploymentId"
        ]
        assert over(codedeploy, number)["errorInformation"]["code"] == "MISSING_GITHUB_TOKEN"
        assert not codedeploy.get_application(applicationName="reports")["application"]["linkedToGitHub"]
        with pytest.raises(codedeploy.exceptions.GitHubAccountTokenDoesNotExistException):
            codedeploy.delete_git_hub_account_token(tokenName="sandbox")
    finally:
        sandbox.codedeploy.store.github_connections.append("sandbox")
        sandbox.codedeploy.store.applications["reports"].github_connection = "sandbox"


def test_an_owner_of_what_is_not_there_is_a_failure(codedeploy: Any, client: Any, workers: list[str]) -> None:
    where = tutorial(client, "lost.zip", script="chown ec2-user /var/www/lost\n")

    number = codedeploy.create_deployment(**OTHER, revision=where)["deploymentId"]

    assert over(codedeploy, number)["status"] == "Failed"
    seen = diagnosis(instances(codedeploy, number)[0])
    assert (seen["errorCode"], seen["scriptName"]) == ("ScriptFailed", "/scripts/set_owner")
    assert "cannot access '/var/www/lost'" in seen["logTail"]


def test_a_folder_around_a_bundle_is_left_out_when_an_appspec_is_in_it(
    codedeploy: Any, client: Any, sandbox: Sandbox, github: Path, workers: list[str]
) -> None:
    top = github / "shop" / "folded" / "c0ffee" / "shop-folded-c0ffee"
    (top / "scripts").mkdir(parents=True)
    (top / "appspec.yml").write_text(TUTORIAL)
    (top / "scripts" / "set_owner").write_text("true\n")
    location = {"repository": "shop/folded", "commitId": "c0ffee"}
    on_github = {"revisionType": "GitHub", "gitHubLocation": location}

    for where in (on_github, tutorial(client, "f.zip", top="app/")):
        number = codedeploy.create_deployment(**OTHER, revision=where, fileExistsBehavior="OVERWRITE")["deploymentId"]
        assert over(codedeploy, number)["status"] == "Succeeded"
    deeper = codedeploy.create_deployment(**OTHER, revision=tutorial(client, "g.zip", top="dist/app/"))["deploymentId"]
    assert over(codedeploy, deeper)["status"] == "Failed"

    assert (sandbox.codedeploy.fleet.instance(workers[0]).root / "var/www/html/appspec.yml").exists()
    seen = diagnosis(instances(codedeploy, deeper)[0])
    assert (seen["event"], seen["errorCode"]) == ("BeforeInstall", "UnknownError")
    assert seen["message"].startswith(
        "The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at revision-relative "
        'path "appspec.yml". The revision was unpacked to directory "/opt/codedeploy-agent/deployment-root/'
    )


def test_without_instances_there_is_nothing_to_deploy_to(codedeploy: Any, workers: list[str], client: Any) -> None:
    client("ec2").stop_instances(InstanceIds=workers)

    ended = over(codedeploy, codedeploy.create_deployment(**OTHER, revision=revision("1.0.0"))["deploymentId"])

    assert (ended["status"], ended["errorInformation"]["code"]) == ("Failed", "NO_INSTANCES")


def test_everything_on_an_instance_ends_with_its_agent(
    codedeploy: Any, client: Any, sandbox: Sandbox, workers: list[str]
) -> None:
    spec = "version: 0.0\nos: linux\nhooks:\n  ApplicationStart:\n    - location: start.sh\n"
    script = '#!/bin/sh\nsetsid nohup sleep 600 > /dev/null 2>&1 &\necho $! > "$INSTANCE_ROOT/pid"\n'
    where = uploaded(client, "daemon.tgz", {"appspec.yml": spec, "start.sh": script})
    over(codedeploy, codedeploy.create_deployment(**OTHER, revision=where)["deploymentId"])
    machines = [sandbox.codedeploy.fleet.instance(number) for number in workers]
    programs = [int((each.root / "pid").read_text()) for each in machines]
    assert all(_alive(program) for program in programs)

    client("ec2").terminate_instances(InstanceIds=workers[:1])

    eventually(lambda: not _alive(programs[0]))
    assert _alive(programs[1])


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
