"""Releases that register themselves, once the images of all their containers are in Amazon ECR under one version.

patterns  which tags name a version
deciding  what the tags of all repositories say
labels    what images say of their source, and whether they belong together
hearing   AWS's events, which only make a look due
looking   one worker reads the repositories, and settles each version that is new
settling  one version: it waits, becomes a release, is refused, or its tag was moved
setting   somebody switches it on, changes it or off
proposing which repositories an application's containers come from

An event that is lost, late or repeated changes nothing but when the look is made: what is registered is what the
repositories hold. Killed anywhere, the next look goes on from the rows.
"""
