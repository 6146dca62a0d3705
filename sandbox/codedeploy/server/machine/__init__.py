"""The program on an instance, and what it finds there. Started in a blink, so it takes only light modules.

    __main__   starts it           archives   bundles, unpacked        users      who there is on it
    agent      commands, answers   files      files put in place       commands   chown, chmod, useradd for scripts
    ending     everything ends     scripts    scripts run

It does as AWS's agent does (aws/aws-codedeploy-agent, 1.8.1), and what goes wrong is said in its words.
"""
