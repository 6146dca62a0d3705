#!/bin/bash
# Makes an Amazon Linux 2023 instance forward what the private subnets send out.
set -euo pipefail
echo 'net.ipv4.ip_forward = 1' >/etc/sysctl.d/90-nat.conf
sysctl --system
dnf install -y nftables
outside=$(ip -o route get 1.1.1.1 | sed -n 's/.* dev \([^ ]*\).*/\1/p')
cat >/etc/sysconfig/nftables.conf <<RULES
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "$outside" masquerade
  }
}
RULES
systemctl enable --now nftables
