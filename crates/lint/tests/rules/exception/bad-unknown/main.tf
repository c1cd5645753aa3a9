# sluice:allow no-such-rule because of this
locals {}
