"""Clusters and accounts: providers, settings, attributes of instances, namespaces."""

from typing import Any

import pytest

from sandbox.account import ACCOUNT
from sandbox.server import Sandbox
from tests.sandbox.shop import CLUSTER, created

DEFAULT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]


def cluster(ecs: Any, name: str) -> dict[str, Any]:
    return dict(ecs.describe_clusters(clusters=[name])["clusters"][0])


def test_a_cluster_is_associated_with_capacity_providers(ecs: Any) -> None:
    ecs.create_cluster(clusterName="providers")
    put = ecs.put_cluster_capacity_providers
    both = ["FARGATE", "FARGATE_SPOT"]

    put(cluster="providers", capacityProviders=both, defaultCapacityProviderStrategy=DEFAULT)

    seen = cluster(ecs, "providers")
    assert (seen["capacityProviders"], seen["defaultCapacityProviderStrategy"]) == (both, DEFAULT)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="was not found"):
        put(cluster="providers", capacityProviders=["nobodys"], defaultCapacityProviderStrategy=[])
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="not associated with the cluster"):
        put(cluster="providers", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=DEFAULT)


def test_a_provider_that_a_service_uses_stays(ecs: Any, sandbox: Sandbox) -> None:
    created(ecs, sandbox, launchType=None, capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT"}])

    with pytest.raises(ecs.exceptions.ResourceInUseException):
        ecs.put_cluster_capacity_providers(
            cluster=CLUSTER, capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
        )


def test_the_providers_of_fargate_are_there_from_the_start(ecs: Any) -> None:
    seen = ecs.describe_capacity_providers()["capacityProviders"]
    assert [(each["name"], each["status"]) for each in seen] == [("FARGATE", "ACTIVE"), ("FARGATE_SPOT", "ACTIVE")]

    asked = ecs.describe_capacity_providers(capacityProviders=["FARGATE", "mine"])
    assert [each["name"] for each in asked["capacityProviders"]] == ["FARGATE"]
    assert [each["reason"] for each in asked["failures"]] == ["MISSING"]


def test_a_cluster_is_updated_part_by_part(ecs: Any) -> None:
    ecs.create_cluster(clusterName="parts")
    exec_ = {"executeCommandConfiguration": {"logging": "NONE"}}

    ecs.update_cluster(cluster="parts", configuration=exec_)
    ecs.update_cluster(cluster="parts", settings=[{"name": "containerInsights", "value": "enhanced"}])

    seen = cluster(ecs, "parts")
    assert seen["configuration"] == exec_
    assert seen["settings"] == [{"name": "containerInsights", "value": "enhanced"}]
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="Invalid value loud"):
        ecs.update_cluster_settings(cluster="parts", settings=[{"name": "containerInsights", "value": "loud"}])
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.update_cluster(cluster="nowhere")


def test_services_are_found_by_their_namespace(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    client("servicediscovery").create_http_namespace(Name="market")
    ecs.update_cluster(cluster=CLUSTER, serviceConnectDefaults={"namespace": "fallback"})
    named = created(ecs, sandbox, serviceConnectConfiguration={"enabled": True, "namespace": "market"})
    unnamed = created(ecs, sandbox, serviceConnectConfiguration={"enabled": True})
    created(ecs, sandbox)

    arn = cluster(ecs, CLUSTER)["serviceConnectDefaults"]["namespace"]
    found = {name: ecs.list_services_by_namespace(namespace=name)["serviceArns"] for name in ("market", arn)}

    assert [each.rpartition("/")[2] for each in found["market"]] == [named]
    assert [each.rpartition("/")[2] for each in found[arn]] == [unnamed]
    with pytest.raises(ecs.exceptions.NamespaceNotFoundException):
        ecs.list_services_by_namespace(namespace="nowhere")


def test_account_settings_are_aws_s_until_somebody_sets_them(ecs: Any) -> None:
    assert ecs.list_account_settings()["settings"] == []
    everything = ecs.list_account_settings(effectiveSettings=True)["settings"]
    assert {"awsvpcTrunking", "containerInsights", "taskLongArnFormat"} < {each["name"] for each in everything}

    ecs.put_account_setting(name="containerInsights", value="enabled")

    (own,) = ecs.list_account_settings()["settings"]
    assert (own["name"], own["value"], own["type"]) == ("containerInsights", "enabled", "user")
    assert ecs.create_cluster(clusterName="seen")["cluster"]["settings"][0]["value"] == "enabled"
    ecs.delete_account_setting(name="containerInsights")
    (effective,) = ecs.list_account_settings(name="containerInsights", effectiveSettings=True)["settings"]
    assert effective["value"] == "disabled"
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="Invalid value maybe"):
        ecs.put_account_setting(name="containerInsights", value="maybe")


def test_a_default_counts_for_whoever_has_no_setting_of_their_own(ecs: Any) -> None:
    own, other = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("own", "other"))
    name = "fargateFIPSMode"
    ecs.put_account_setting(name=name, value="disabled", principalArn=own)

    made = ecs.put_account_setting_default(name=name, value="enabled")["setting"]

    assert (made["value"], made["principalArn"]) == ("enabled", f"arn:aws:iam::{ACCOUNT}:root")
    listed = [
        ecs.list_account_settings(name=name, effectiveSettings=True, principalArn=each)["settings"][0]["value"]
        for each in (own, other)
    ]
    assert listed == ["disabled", "enabled"]
    ecs.delete_account_setting(name=name)


def test_attributes_of_instances_are_listed_by_name_and_value(ecs: Any) -> None:
    ecs.create_cluster(clusterName="racks")
    arn = ecs.register_container_instance(cluster="racks")["containerInstance"]["containerInstanceArn"]
    rack = {"name": "rack", "value": "7", "targetType": "container-instance", "targetId": arn}
    listed = {"cluster": "racks", "targetType": "container-instance"}

    ecs.put_attributes(cluster="racks", attributes=[rack])

    assert ecs.list_attributes(**listed, attributeName="rack", attributeValue="7")["attributes"] == [rack]
    assert ecs.list_attributes(**listed, attributeName="rack", attributeValue="8")["attributes"] == []
    built_in = ecs.list_attributes(**listed, attributeName="ecs.os-type")["attributes"]
    assert [each["value"] for each in built_in] == ["linux"]
    with pytest.raises(ecs.exceptions.TargetNotFoundException):
        ecs.put_attributes(cluster="racks", attributes=[rack | {"targetId": "nobody"}])
    ecs.delete_attributes(cluster="racks", attributes=[rack])
    assert ecs.list_attributes(**listed, attributeName="rack")["attributes"] == []
