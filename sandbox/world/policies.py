"""The policies that Tealgate ships in infra/iam, with this account's names filled in: what every story runs under."""

import json
from pathlib import Path
from string import Template
from typing import Any

from sandbox.account import ACCOUNT, REGION
from sandbox.world.names import (
    BOOKING,
    CATALOG,
    CLUSTER,
    DEPLOYER,
    LANDING,
    LOG_GROUP,
    PAYMENTS,
    REPORTS,
    REPORTS_BUCKET,
)

FOLDER = Path(__file__).resolve().parents[2] / "infra" / "iam"

#: By file, with a dot and a word more where there are two of one: what Tealgate deploys by that controller in this
#: account.
PLACES: dict[str, dict[str, str]] = {
    "service-pair": {"service": "storefront-*", "family": "storefront"},
    "rolling": {"service": "legacy-*", "family": "legacy-*"},
    "ecs": {"service": PAYMENTS, "family": PAYMENTS},
    # of what may be moved to ECS
    "ecs.catalog": {"service": CATALOG, "family": CATALOG, "repository": CATALOG},
    "ecs.legacy": {"service": "legacy-*", "family": "legacy-*"},
    "ecs.gateway": {"service": BOOKING, "family": BOOKING},
    "express-mode": {"service": LANDING, "family": f"express-{LANDING}", "log_group": f"/aws/ecs/{LANDING}"},
    "code-deploy-ecs": {
        "service": CATALOG,
        "family": CATALOG,
        "repository": CATALOG,
        "codedeploy_application": CATALOG,
        "codedeploy_group": "*",
    },
    "code-deploy-server": {
        "codedeploy_application": REPORTS,
        "codedeploy_group": "*",
        "bundle_bucket": REPORTS_BUCKET,
    },
    "moving-house": {},
    "pipeline-approval": {"pipeline": "storefront*", "approval_stage": "Production", "approval_action": "Wait-for-*"},
    "scheduled-tasks": {"scheduled_family": "*-cron", "rule": "*", "schedule": "*"},
    "reading": {},
}


def filled(name: str, **names: str) -> dict[str, Any]:
    """A policy of infra/iam; KeyError names a placeholder without a value. The region may be among ``names``."""
    account = {"partition": "aws", "region": REGION, "account": ACCOUNT, "cluster": CLUSTER, "log_group": LOG_GROUP}
    text = Template((FOLDER / f"{name}.json").read_text()).substitute({**account, "repository": "storefront", **names})
    document: dict[str, Any] = json.loads(text)
    return document


def put_deployer_policies(iam: Any, roles: dict[str, str], region: str) -> None:
    passed = {"starter_role": f"arn:aws:iam::{ACCOUNT}:role/*-starter"}
    passed |= {f"scheduled_{name}_role": roles[name] for name in ("task", "execution")}
    passed |= {f"{name}_role": roles[name] for name in ("task", "execution", "infrastructure")}
    # Of all environments that there may be in this account; elsewhere these are two ARNs.
    balancing = f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}"
    rules = {
        "production_rule": f"{balancing}:listener-rule/app/storefront-*",
        "test_rule": f"{balancing}:listener/app/storefront-*",
    }
    moving = {"production_rule": f"{balancing}:listener*/app/*"}
    for name, place in PLACES.items():
        told = {**passed, **rules, **(moving if name == "moving-house" else {}), **place}
        document = json.dumps(filled(name.partition(".")[0], region=region, **told))
        iam.put_role_policy(RoleName=DEPLOYER, PolicyName=name, PolicyDocument=document)
