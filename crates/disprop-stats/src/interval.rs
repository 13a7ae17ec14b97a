//! One group: how far its own value could lie from the one observed.
