//! How large snappy says that its data will be, before memory is taken for it.
//!
//! A block begins with the length of what is in it, which whoever wrote it may have made up: five bytes can claim 4 GB
//! (CVE-2023-34455). But the format bounds what a block can hold: its densest element is a copy, three bytes for 64
//! (google/snappy, format_description.txt).

/// More bytes than one byte of a block can stand for.
const EXPANSION_MAX: usize = 22;
/// What Kafka's clients put before blocks: the magic word of snappy-java, its version and the oldest compatible one.
const MAGIC: &[u8] = b"\x82SNAPPY\0";
const MAGIC_AND_VERSIONS: usize = 16;

/// Refuses data whose blocks claim to hold more than they can.
pub(super) fn check(data: &[u8]) -> Result<(), String> {
    if !data.starts_with(MAGIC) {
        return check_block(data);
    }
    let mut rest = data.get(MAGIC_AND_VERSIONS..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        let block = after.get(..length).ok_or("a block does not end where it says")?;
        check_block(block)?;
        rest = &after[length..];
    }
    Ok(()) // the codec says what is wrong with a rest
}

fn check_block(block: &[u8]) -> Result<(), String> {
    let claimed = snap::raw::decompress_len(block).map_err(|error| error.to_string())?;
    match claimed > block.len() * EXPANSION_MAX {
        true => Err(format!("{} bytes claim to hold {claimed}, which they cannot", block.len())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(blocks: &[&[u8]]) -> Vec<u8> {
        let mut data = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01".to_vec();
        for block in blocks {
            data.extend((block.len() as u32).to_be_bytes());
            data.extend_from_slice(block);
        }
        data
    }

    #[test]
    fn cve_2023_34455_a_block_cannot_claim_more_than_it_can_hold() {
        let bomb: &[u8] = b"\xff\xff\xff\xff\x0f\x00"; // 4 GB
        let good = snap::raw::Encoder::new().compress_vec(b"good").unwrap();
        for data in [bomb.to_vec(), framed(&[bomb]), framed(&[&good, bomb])] {
            assert!(check(&data).unwrap_err().contains("claim"), "{data:x?}");
        }
    }

    #[test]
    fn the_densest_data_passes() {
        for size in [0, 1, 100, 65_536, 10_000_000] {
            let block = snap::raw::Encoder::new().compress_vec(&vec![b'x'; size]).unwrap();
            assert_eq!(check(&block), Ok(()), "{size}");
            assert_eq!(check(&framed(&[&block, &block])), Ok(()), "{size}");
        }
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let good = snap::raw::Encoder::new().compress_vec(b"good").unwrap();
        let whole = framed(&[&good]);
        for end in 21..whole.len() {
            assert!(check(&whole[..end]).is_err(), "{end}");
        }
    }
}
