"""What the end-to-end scenarios stand on: a real control plane, kubectl, and the webhook's binary."""
