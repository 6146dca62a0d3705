"""The agents on EC2 instances: an instance joins its cluster by itself, and takes its tasks along when it ends."""

import uuid

from sandbox.ecs.cluster import Cluster, ContainerInstance
from sandbox.ecs.store import Store
from sandbox.ecs.tasks import stop


def look_after(store: Store) -> None:
    """Make the container instances that have an EC2 instance fit those that run."""
    machines = {machine.id: machine for machine in store.around.machines()}
    for instance in [each for each in store.instances.values() if each.has_agent]:
        if instance.ec2_instance_id not in machines:
            _lost(store, instance)
    known = {instance.ec2_instance_id for instance in store.instances.values()}
    for machine in machines.values():
        cluster = store.clusters.get(machine.cluster)
        if machine.id not in known and cluster is not None and cluster.status == "ACTIVE":
            join(store, cluster, machine.id, cpu=machine.cpu, memory=machine.memory, has_agent=True)


def join(
    store: Store, cluster: Cluster, ec2_instance_id: str, *, cpu: int, memory: int, has_agent: bool = False
) -> ContainerInstance:
    instance = ContainerInstance(
        arn=store.arn(f"container-instance/{cluster.name}/{uuid.uuid4().hex}"),
        cluster=cluster,
        ec2_instance_id=ec2_instance_id,
        ip=store.addresses.instance(),
        cpu=cpu,
        memory=memory,
        has_agent=has_agent,
    )
    store.instances[instance.arn] = instance
    return instance


def _lost(store: Store, instance: ContainerInstance) -> None:
    """Nobody says good-bye: the machine is off."""
    for task in [each for each in store.tasks.values() if each.instance is instance and not each.is_stopped]:
        stop(store, task, "TerminationNotice", f"Host EC2 (instance {instance.ec2_instance_id}) terminated.")
        for container in task.containers:
            if container.process is not None:
                container.process.kill()
    del store.instances[instance.arn]
