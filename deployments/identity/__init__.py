"""Who a job of a CI is: the ID token that it shows is read, its signature checked, its claims compared.

`envelope` reads what is not proven yet, `signature` proves it by the issuer's keys, which `issuers` fetches; `times`,
`claims` and `patterns` judge what it says, `jobs` names the job in words, `presets` knows the CIs that many use.
Values in, decisions out: no Django in here.
"""
