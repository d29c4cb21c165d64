//! The one source of randomness: Philox4x32-10, a counter-based generator.
//!
//! A counter-based generator maps (key, counter) to random bits and holds no state, so any draw can be repeated from its
//! coordinates alone: the seed, what it is for, and where (step, layer, parameter). That is what makes a resumed run equal
//! to one that was never interrupted, whatever the number of threads.
//!
//! Source: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 3 and table 2.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_INCREMENTS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// What a draw is for. Two purposes never share a counter, so they are independent under one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Which rows go to train, dev and test.
    Split = 1,
    /// The order in which an epoch visits the examples.
    Order = 2,
    /// Weights that are drawn anew.
    Weights = 3,
    /// Dropout masks.
    Dropout = 4,
    /// Bootstrap samples and permutations.
    Resampling = 5,
    /// Synthetic sample data.
    Sample = 6,
    /// Which columns of a weight mixout leaves as they were before training.
    Mixout = 7,
}

/// Ten rounds of Philox4x32: 128 random bits for one counter under one key.
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [first, rest @ ..] = counter;
    philox_lanes::<1>(first, rest, key).map(|[word]| word)
}

/// [`philox`] of `N` counters that begin with `first`, `first + 1`, … and go on alike; word by word, in a form that
/// compilers turn into vector instructions.
#[inline(always)]
pub fn philox_lanes<const N: usize>(first: u32, [b, c, d]: [u32; 3], mut key: [u32; 2]) -> [[u32; N]; 4] {
    let mut words = [[first; N], [b; N], [c; N], [d; N]];
    for (lane, word) in words[0].iter_mut().enumerate() {
        *word = word.wrapping_add(lane as u32);
    }
    for round in 0..10 {
        if round > 0 {
            key = [key[0].wrapping_add(KEY_INCREMENTS[0]), key[1].wrapping_add(KEY_INCREMENTS[1])];
        }
        let [first, second, third, fourth] = &mut words;
        for (((a, b), c), d) in first.iter_mut().zip(second).zip(third).zip(fourth) {
            let left = u64::from(MULTIPLIERS[0]) * u64::from(*a);
            let right = u64::from(MULTIPLIERS[1]) * u64::from(*c);
            [*a, *b, *c, *d] =
                [(right >> 32) as u32 ^ *b ^ key[0], right as u32, (left >> 32) as u32 ^ *d ^ key[1], left as u32];
        }
    }
    words
}

/// An endless sequence of draws at one place: a seed, a purpose and two indices (for example step and layer).
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Stream {
    pub fn new(seed: u64, purpose: Purpose, place: [u32; 2]) -> Self {
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            counter: [0, place[0], place[1], purpose as u32],
            block: [0; 4],
            used: 4,
        }
    }

    /// 32 uniform random bits.
    pub fn bits(&mut self) -> u32 {
        if self.used == 4 {
            self.block = philox(self.counter, self.key);
            self.counter[0] = self.counter[0].wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// Uniform in [0, 1), in steps of 2^-24, so that every value is exact in f32.
    pub fn uniform(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A standard normal draw (Box and Muller 1958), the cosine branch.
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - f64::from(self.uniform())).ln()).sqrt();
        let angle = std::f64::consts::TAU * f64::from(self.uniform());
        (radius * angle.cos()) as f32
    }

    /// A uniform integer in 0..bound, without bias (Lemire 2019, with rejection). `bound` must not be 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "an empty range has no element to draw");
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let product = u64::from(self.bits()) * u64::from(bound);
            if product as u32 >= threshold {
                return (product >> 32) as u32;
            }
        }
    }

    /// Fisher and Yates' shuffle.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}

/// A stable 32-bit name for a string (FNV-1a), to use a parameter's name as a place.
pub fn place_of(name: &str) -> u32 {
    name.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_published_test_vectors() {
        // Random123 1.09, kat_vectors, "philox4x32 10".
        let ones = u32::MAX;
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([ones; 4], [ones; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn lanes_are_the_counters_one_by_one() {
        let words = philox_lanes::<16>(u32::MAX - 7, [1, 2, 3], [4, 5]);
        for lane in 0..16 {
            let one = philox([(u32::MAX - 7).wrapping_add(lane), 1, 2, 3], [4, 5]);
            assert_eq!(one, words.map(|word| word[lane as usize]));
        }
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut stream = Stream::new(7, Purpose::Weights, [1, 2]);
        let n = 200_000;
        let normal: Vec<f64> = (0..n).map(|_| f64::from(stream.normal())).collect();
        let mean = normal.iter().sum::<f64>() / n as f64;
        let variance = normal.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        let uniform: f64 = (0..n).map(|_| f64::from(stream.uniform())).sum::<f64>() / n as f64;
        assert!((uniform - 0.5).abs() < 0.005);
        let mut counts = [0usize; 7];
        (0..70_000).for_each(|_| counts[stream.below(7) as usize] += 1);
        assert!(counts.iter().all(|&c| (9_500..10_500).contains(&c)), "{counts:?}");
    }

    #[test]
    fn a_shuffle_is_a_permutation_and_depends_on_seed_and_place() {
        let shuffled = |seed, place| {
            let mut items: Vec<u32> = (0..100).collect();
            Stream::new(seed, Purpose::Order, place).shuffle(&mut items);
            items
        };
        let first = shuffled(1, [0, 0]);
        assert_eq!(first, shuffled(1, [0, 0]));
        assert_ne!(first, shuffled(2, [0, 0]));
        assert_ne!(first, shuffled(1, [1, 0]));
        let mut sorted = first;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
    }
}
