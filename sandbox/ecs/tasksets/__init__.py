"""Task sets: how services look whose deployments ECS does not run itself.

With the controllers CODE_DEPLOY and EXTERNAL a service has no deployments. Each task set has its own task
definition, its own target group and a scale in percent of the service's desired count; one is PRIMARY, which
is bookkeeping: traffic goes where the listeners say. CODE_DEPLOY makes the first task set from what
CreateService was given and leaves the rest to CodeDeploy; EXTERNAL takes them from the task set operations.

    sets         create, scale, promote and delete, used by the operations and by CodeDeploy
    operations   CreateTaskSet, UpdateTaskSet, UpdateServicePrimaryTaskSet, DeleteTaskSet, DescribeTaskSets
    services     what CreateService and UpdateService mean for such a service
    scaling      the scheduler's pass over such a service
    rendering    task sets as AWS's JSON
"""
