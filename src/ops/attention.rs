//! Scaled dot-product attention.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::widen::{is_narrow, narrow, widen};

/// Most scores held at once: 2²³ f32 values are 32 MiB. At 768×768 the UNet's largest layer has 12 × 2304 × 2391 of them
/// per picture, so queries are taken in blocks.
const BLOCK_SCORES: usize = 1 << 23;

/// `softmax(q · kᵀ · scale + mask) · v`, with the softmax in f32.
///
/// `q` is `[batch, heads, queries, width]`, `k` and `v` are `[batch, heads, keys, width]`. `mask` is f32, is added to
/// the scores and must broadcast to `[batch, heads, queries, keys]`.
pub fn attention(q: &Tensor, k: &Tensor, v: &Tensor, scale: f64, mask: Option<&Tensor>) -> Result<Tensor> {
    if is_narrow(q) {
        return narrow(&attention(&widen(q)?, &widen(k)?, &widen(v)?, scale, mask)?, q.dtype());
    }
    let (batch, heads, queries, _) = q.dims4()?;
    let keys = k.dim(2)?;
    let q = (q * scale)?.contiguous()?;
    let k = k.contiguous()?.transpose(2, 3)?;
    let v = v.contiguous()?;
    let rows = (BLOCK_SCORES / (batch * heads * keys)).clamp(1, queries);
    if rows == queries {
        return attend(&q, &k, &v, mask);
    }
    let blocks = (0..queries)
        .step_by(rows)
        .map(|start| {
            let length = rows.min(queries - start);
            let mask = mask.map(|mask| rows_of_mask(mask, start, length)).transpose()?;
            let q = q.narrow(2, start, length)?.contiguous()?;
            attend(&q, &k, &v, mask.as_ref())
        })
        .collect::<Result<Vec<_>>>()?;
    Tensor::cat(&blocks, 2)
}

/// One block of queries; `k` is already transposed to `[batch, heads, width, keys]`.
fn attend(q: &Tensor, k: &Tensor, v: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
    let scores = q.matmul(k)?.to_dtype(DType::F32)?;
    let scores = match mask {
        Some(mask) => scores.broadcast_add(mask)?,
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
pub fn split_heads(x: &Tensor, heads: usize) -> Result<Tensor> {
    let (batch, tokens, _) = x.dims3()?;
    x.reshape((batch, tokens, heads, ()))?.transpose(1, 2)
}

/// `[n, heads, tokens, width]` to `[n, tokens, heads · width]`.
pub fn merge_heads(x: &Tensor) -> Result<Tensor> {
    x.transpose(1, 2)?.flatten_from(2)
}

/// `[1, 1, tokens, tokens]` in f32: token i sees tokens up to i.
pub fn causal_mask(tokens: usize, device: &Device) -> Result<Tensor> {
    let rows = (0..tokens).flat_map(|i| (0..tokens).map(move |j| if j > i { f32::MIN } else { 0f32 }));
    Tensor::from_iter(rows, device)?.reshape((1, 1, tokens, tokens))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn random(shape: (usize, usize, usize, usize)) -> Tensor {
        Tensor::randn(0f32, 1., shape, &Device::Cpu).unwrap()
    }

    fn largest_difference(a: &Tensor, b: &Tensor) -> f32 {
        let difference = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
        difference.max(0).unwrap().to_scalar().unwrap()
    }

    #[test]
    fn blocks_of_queries_change_nothing() {
        // 3000 × 3000 scores do not fit one block, half of them do.
        let (q, k, v) = (random((1, 1, 3000, 4)), random((1, 1, 3000, 4)), random((1, 1, 3000, 4)));
        let mask = Tensor::randn(0f32, 1., (1, 1, 3000, 3000), &Device::Cpu).unwrap();
        let whole = attention(&q, &k, &v, 0.5, Some(&mask)).unwrap();
        let halves: Vec<_> = [0, 1500]
            .iter()
            .map(|&start| {
                let q = q.narrow(2, start, 1500).unwrap();
                let mask = mask.narrow(2, start, 1500).unwrap();
                attention(&q, &k, &v, 0.5, Some(&mask)).unwrap()
            })
            .collect();
        assert!(largest_difference(&whole, &Tensor::cat(&halves, 2).unwrap()) < 1e-5);
    }

    #[test]
    fn sixteen_bit_scores_lose_no_more_than_the_values_themselves() {
        // Many keys with large scores: in bf16 the scores themselves, and the sum of their weights, would be far off.
        let (q, k, v) = (random((1, 1, 8, 64)), random((1, 1, 500, 64)), random((1, 1, 500, 64)));
        let narrow = |x: &Tensor| x.to_dtype(DType::BF16).unwrap();
        let rounded = |x: &Tensor| narrow(x).to_dtype(DType::F32).unwrap();
        let y = attention(&narrow(&q), &narrow(&k), &narrow(&v), 1., None).unwrap();
        let expected = attention(&rounded(&q), &rounded(&k), &rounded(&v), 1., None).unwrap();
        assert_eq!(y.dtype(), DType::BF16);
        assert!(largest_difference(&y.to_dtype(DType::F32).unwrap(), &rounded(&expected)) < 1e-6);
    }

    #[test]
    fn a_masked_key_is_not_seen() {
        let (q, k, v) = (random((1, 2, 3, 4)), random((1, 2, 5, 4)), random((1, 2, 5, 4)));
        let mask = Tensor::new(&[0f32, 0., 0., 0., f32::MIN], &Device::Cpu).unwrap();
        let masked = attention(&q, &k, &v, 0.5, Some(&mask.reshape((1, 1, 1, 5)).unwrap()));
        let (k, v) = (k.narrow(2, 0, 4).unwrap(), v.narrow(2, 0, 4).unwrap());
        let shorter = attention(&q, &k, &v, 0.5, None).unwrap();
        assert!(largest_difference(&masked.unwrap(), &shorter) < 1e-5);
    }
}
