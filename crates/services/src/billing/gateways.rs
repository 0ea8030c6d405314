//! The payment gateways, one file each.

pub(super) mod konnect;
