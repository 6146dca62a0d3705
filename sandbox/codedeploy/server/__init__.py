"""Deployments to instances: each EC2 instance is a process with a root directory and an address of its own.

    machine/    the program on an instance: unpacks, copies files, runs scripts
    instance    that program from the sandbox's side: commands out, answers in
    fleet       which instances a deployment group means, and their programs
    appspec     appspec.yml, read and checked
    steps       the lifecycle events of one instance
    order       which instance is deployed to first
    health      how many instances may be out at once, and when a deployment has failed
    in_place    a deployment in place
    blue_green  a deployment to other instances, and traffic between the two fleets
    scaling     Auto Scaling groups: copying and removing them, new instances

A script finds INSTANCE_ROOT and HOST in its environment: the instance's root directory, because there is no
chroot, and its address, because all instances share one machine. On a real instance both are empty. chown, chgrp and
chmod take an absolute path below INSTANCE_ROOT, so that a script that names /var/www/html runs as it is. ``runas``
and owners are users of Amazon Linux, and those that user data or a script has added with useradd; ``machine.users``
says what they are on this machine.
"""
