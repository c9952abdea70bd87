//! Maps and sets with a hash that is made for speed. Their order of iteration is that of insertion
//! ([`Ordered`]) or never used, so the random seed does not show.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use indexmap::IndexMap;

pub(super) type Map<K, V> = HashMap<K, V, RandomState>;
pub(super) type Set<K> = HashSet<K, RandomState>;
pub(super) type Ordered<K, V> = IndexMap<K, V, RandomState>;
