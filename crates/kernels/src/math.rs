//! Functions of one number, written so that the compiler can compute many at once, and sums in a fixed order.

/// As many partial sums as the widest registers hold.
const LANES: usize = 16;

/// e^x within two units in the last place; not a number stays one. Below −87 it is as good as 0.
#[inline(always)]
pub fn exp<const FMA: bool>(x: f32) -> f32 {
    // Adding and taking away 1.5 · 2^23 rounds to a whole number, which then stands in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = fma::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
    let whole = shifted - ROUND;
    // ln 2 in two parts, so that the rest is exact (Cody and Waite 1980).
    let rest = fma::<FMA>(whole, 2.121_944_4e-4, fma::<FMA>(whole, -0.693_359_4, x));
    let mut power = 1.0 / 5040.0;
    for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        power = fma::<FMA>(power, rest, factor);
    }
    power * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// a · b + c, fused where the processor does it in one instruction: a library call would cost more than a second rounding.
#[inline(always)]
pub fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// The sum of f(0), f(1), … f(n − 1), in an order that depends on n alone.
#[inline(always)]
pub fn sum(n: usize, f: impl Fn(usize) -> f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let whole = n / LANES * LANES;
    for start in (0..whole).step_by(LANES) {
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum += f(start + lane);
        }
    }
    for (place, sum) in (whole..n).zip(&mut lanes) {
        *sum += f(place);
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// The largest of some numbers, and the lowest number of all for none.
#[inline(always)]
pub fn largest(values: &[f32]) -> f32 {
    let mut lanes = [f32::MIN; LANES];
    let mut chunks = values.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (best, &value) in lanes.iter_mut().zip(chunk) {
            *best = if value > *best { value } else { *best };
        }
    }
    for (best, &value) in lanes.iter_mut().zip(chunks.remainder()) {
        *best = if value > *best { value } else { *best };
    }
    lanes.into_iter().fold(f32::MIN, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_exact_to_a_few_parts_in_ten_million() {
        for step in -86_000..88_000 {
            let x = step as f32 * 1e-3;
            let (ours, exact) = (f64::from(exp::<false>(x)), f64::from(x).exp());
            assert!((ours - exact).abs() <= 2.5e-7 * exact, "e^{x}: {ours} instead of {exact}");
        }
        assert!(exp::<false>(-1e9) < 1e-37 && exp::<false>(f32::NAN).is_nan() && exp::<false>(0.0) == 1.0);
    }

    #[test]
    fn sums_and_maxima_see_every_number() {
        for n in 0..70 {
            assert_eq!(sum(n, |i| i as f32), (n * n.saturating_sub(1) / 2) as f32);
            for place in 0..n {
                let values: Vec<f32> = (0..n).map(|i| if i == place { 1.0 } else { -(i as f32) }).collect();
                assert_eq!(largest(&values), 1.0);
            }
        }
    }
}
