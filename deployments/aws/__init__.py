"""The one door to AWS: everything that knows botocore lives in this package.

`values` holds what is read and what is written as frozen data, `protocol` the questions and orders that the
rest of Tealgate may put, `gateway` answers them with boto3, `fake` answers them from memory for tests, and
`errors` sorts what can go wrong once, by what the caller should do about it. No Django in here.
"""
