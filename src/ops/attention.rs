//! Scaled dot-product attention.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::cpu::{Attention, HeadTokens, Mask};
use super::values::{with_all, with_optional, with_values};

/// Most scores held at once on devices other than CPUs: 2²⁷ f32 values are half a gigabyte. At 768×768 the UNet's largest
/// layer has 12 × 2304 × 2391 of them per picture, so queries are taken in blocks.
const BLOCK_SCORES: usize = 1 << 27;

/// `softmax(q · kᵀ / √width + mask) · v` for each of `heads`, with the softmax in f32.
///
/// `q` is `[n, queries, heads · width]`. `seen` are keys and values, `[n, keys, heads · width]` each, which are looked at as
/// if they stood one after the other. `mask` is f32, finite, and `[n or 1, queries or 1, keys of all]`.
pub fn attention(q: &Tensor, seen: &[(&Tensor, &Tensor)], heads: usize, mask: Option<&Tensor>) -> Result<Tensor> {
    check(q, seen, heads, mask)?;
    if q.device().is_cpu() { fused(q, seen, heads, mask) } else { composed(q, seen, heads, mask) }
}

fn check(q: &Tensor, seen: &[(&Tensor, &Tensor)], heads: usize, mask: Option<&Tensor>) -> Result<()> {
    let (batch, queries, channels) = q.dims3()?;
    let fits = |x: &Tensor| Ok::<_, candle_core::Error>(x.dim(0)? == batch && x.dim(2)? == channels);
    let mut all = 0;
    for (k, v) in seen {
        if !fits(k)? || k.shape() != v.shape() {
            candle_core::bail!("keys {:?} and values {:?} do not fit queries {:?}", k.shape(), v.shape(), q.shape());
        }
        all += k.dim(1)?;
    }
    if heads == 0 || channels % heads != 0 || all == 0 {
        candle_core::bail!("{channels} channels are no {heads} heads that look at {all} keys");
    }
    if let Some(mask) = mask {
        let (pictures, rows, keys) = mask.dims3()?;
        if ![1, batch].contains(&pictures) || ![1, queries].contains(&rows) || keys != all {
            candle_core::bail!("the mask {:?} does not fit {batch} × {queries} × {all} scores", mask.shape());
        }
    }
    Ok(())
}

/// Without ever holding all scores, on a CPU.
fn fused(q: &Tensor, seen: &[(&Tensor, &Tensor)], heads: usize, mask: Option<&Tensor>) -> Result<Tensor> {
    let (batch, queries, channels) = q.dims3()?;
    let width = channels / heads;
    let both: Vec<&Tensor> = seen.iter().flat_map(|(k, v)| [*k, *v]).collect();
    let mut result = vec![0f32; q.elem_count()];
    with_values(q, |values| {
        with_optional(mask, |masked| {
            with_all(&both, |slices| {
                let pairs = seen.iter().zip(slices.chunks_exact(2));
                let tokens = |x: &Tensor, values| HeadTokens { values, tokens: x.dims()[1] };
                let seen: Vec<_> = pairs.map(|((k, v), pair)| (tokens(k, pair[0]), tokens(v, pair[1]))).collect();
                let mask = mask.zip(masked);
                let mask = mask.map(|(mask, values)| Mask { values, batch: mask.dims()[0], queries: mask.dims()[1] });
                let queries = HeadTokens { values, tokens: queries };
                Attention { batch, heads, width, queries, seen: &seen, mask }.attend(&mut result);
            })
        })
    })???;
    Tensor::from_vec(result, q.shape(), q.device())
}

/// The same out of candle's own operations, in blocks of queries: other devices.
fn composed(q: &Tensor, seen: &[(&Tensor, &Tensor)], heads: usize, mask: Option<&Tensor>) -> Result<Tensor> {
    let (batch, queries, channels) = q.dims3()?;
    let (keys, values): (Vec<_>, Vec<_>) = seen.iter().copied().unzip();
    let scale = ((channels / heads) as f64).powf(-0.5);
    let q = split_heads(&(q * scale)?, heads)?;
    let k = split_heads(&Tensor::cat(&keys, 1)?, heads)?.transpose(2, 3)?.contiguous()?;
    let v = split_heads(&Tensor::cat(&values, 1)?, heads)?;
    let rows = (BLOCK_SCORES / (batch * heads * k.dim(3)?)).clamp(1, queries);
    let blocks = (0..queries).step_by(rows).map(|start| {
        let length = rows.min(queries - start);
        let mask = mask.map(|mask| rows_of_mask(mask, start, length)).transpose()?;
        attend(&q.narrow(2, start, length)?.contiguous()?, &k, &v, mask.as_ref())
    });
    let y = Tensor::cat(&blocks.collect::<Result<Vec<_>>>()?, 2)?;
    y.transpose(1, 2)?.flatten_from(2)
}

/// One block of queries; `k` is already transposed to `[n, heads, width, keys]`, `mask` is as in [`attention`].
fn attend(q: &Tensor, k: &Tensor, v: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
    let scores = q.matmul(k)?.to_dtype(DType::F32)?;
    let scores = match mask {
        Some(mask) => scores.broadcast_add(&mask.unsqueeze(1)?)?,
        None => scores,
    };
    softmax_last_dim(&scores)?.to_dtype(v.dtype())?.matmul(v)
}

fn rows_of_mask(mask: &Tensor, start: usize, length: usize) -> Result<Tensor> {
    if mask.dim(D::Minus2)? == 1 {
        return Ok(mask.clone());
    }
    mask.narrow(D::Minus2, start, length)
}

/// `[n, tokens, heads · width]` to `[n, heads, tokens, width]`.
fn split_heads(x: &Tensor, heads: usize) -> Result<Tensor> {
    let (batch, tokens, _) = x.dims3()?;
    x.reshape((batch, tokens, heads, ()))?.transpose(1, 2)?.contiguous()
}

/// `[1, tokens, tokens]` in f32: token i sees tokens up to i.
pub fn causal_mask(tokens: usize, device: &Device) -> Result<Tensor> {
    let rows = (0..tokens).flat_map(|i| (0..tokens).map(move |j| if j > i { f32::MIN } else { 0f32 }));
    Tensor::from_iter(rows, device)?.reshape((1, tokens, tokens))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(in crate::ops) mod tests {
    use super::*;

    fn random(shape: (usize, usize, usize)) -> Tensor {
        Tensor::randn(0f32, 1., shape, &Device::Cpu).unwrap()
    }

    fn largest_difference(a: &Tensor, b: &Tensor) -> f32 {
        let difference = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
        difference.max(0).unwrap().to_scalar().unwrap()
    }

    #[test]
    pub(in crate::ops) fn looking_block_by_block_equals_looking_at_all_scores() {
        // Heads that do not fill a panel, more keys than a block has, numbers of tokens that nothing divides.
        for (batch, heads, width, queries, keys) in
            [(2, 3, 5, 7, 9), (1, 2, 64, 101, 1100), (3, 1, 33, 1, 1), (1, 1, 512, 40, 200), (2, 12, 64, 77, 77)]
        {
            let (q, k) = (random((batch, queries, heads * width)), random((batch, keys, heads * width)));
            // Scores that grow from block to block and such that shrink: what was summed before must follow.
            let slope = Tensor::arange(0f32, keys as f32, &Device::Cpu).unwrap().reshape((1, 1, keys)).unwrap();
            let slope = ((slope / keys as f64).unwrap() * 20.).unwrap();
            for mask in [None, Some(slope.clone()), Some(slope.neg().unwrap()), Some(random((batch, queries, keys)))] {
                let v = random((batch, keys, heads * width));
                let seen = [(&k, &v)];
                let whole = composed(&q, &seen, heads, mask.as_ref()).unwrap();
                let worst = largest_difference(&attention(&q, &seen, heads, mask.as_ref()).unwrap(), &whole);
                assert!(worst < 1e-5, "{worst} for {heads} heads of {width}, {queries} queries, {keys} keys");
            }
        }
    }

    #[test]
    fn keys_in_two_parts_are_seen_as_one() {
        let (q, k, v) = (random((2, 5, 12)), random((2, 40, 12)), random((2, 40, 12)));
        let part = |x: &Tensor, start, length| x.narrow(1, start, length).unwrap();
        let (first, second) = ((part(&k, 0, 7), part(&v, 0, 7)), (part(&k, 7, 33), part(&v, 7, 33)));
        let parts = attention(&q, &[(&first.0, &first.1), (&second.0, &second.1)], 3, None).unwrap();
        assert!(largest_difference(&parts, &attention(&q, &[(&k, &v)], 3, None).unwrap()) < 1e-6);
    }

    #[test]
    fn a_masked_key_is_not_seen() {
        let (q, k, v) = (random((1, 3, 8)), random((1, 5, 8)), random((1, 5, 8)));
        let mask = Tensor::new(&[[[0f32, 0., 0., 0., f32::MIN]]], &Device::Cpu).unwrap();
        let masked = attention(&q, &[(&k, &v)], 2, Some(&mask)).unwrap();
        let (k, v) = (k.narrow(1, 0, 4).unwrap(), v.narrow(1, 0, 4).unwrap());
        assert!(largest_difference(&masked, &attention(&q, &[(&k, &v)], 2, None).unwrap()) < 1e-6);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let (q, k) = (random((1, 3, 8)), random((1, 5, 8)));
        assert!(attention(&q, &[(&k, &random((1, 4, 8)))], 2, None).is_err());
        assert!(attention(&q, &[(&k, &k)], 3, None).is_err());
        assert!(attention(&q, &[], 2, None).is_err());
        assert!(attention(&q, &[(&k, &k)], 2, Some(&random((1, 3, 4)))).is_err());
    }
}
