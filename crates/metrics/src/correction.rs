/// p-values corrected for being several, so that any wrong one among those below α has a chance of α at most (Holm 1979): in
/// the order given.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest: f64 = 0.0;
    for (rank, &place) in order.iter().enumerate() {
        largest = largest.max(((p.len() - rank) as f64 * p[place]).min(1.0));
        adjusted[place] = largest;
    }
    adjusted
}
