import CodecProperties
import TestSupport
import Testing
import Tidemark

/// The codec's properties over damaged bytes, the same on every run; `scripts/fuzz` looks for more.
struct CodecFuzzTests {
    @Test(arguments: UInt64(1)...8)
    func damagedBytesBreakNoProperty(seed: UInt64) {
        var generator = ItemGenerator(seed: seed)
        var mutator = ByteMutator(seed: seed)
        var read = 0
        for round in 0..<800 {
            let item = ItemCodec.encode(generator.item())
            let bytes = mutator.mutated(round.isMultiple(of: 2) ? item : answer(around: item), changes: 3)
            if (try? ItemCodec.decode(bytes)) != nil { read += 1 }
            let violation = CodecProperties.violation(by: bytes)
            #expect(violation == nil, "seed \(seed), round \(round): \(bytes)")
        }
        #expect(read > 60, "seed \(seed): too few were still items for their properties to be seen, \(read)")
    }

    private func answer(around item: [UInt8]) -> [UInt8] {
        Array(#"{"ConsumedCapacity":{"CapacityUnits":0.5,"TableName":"T","Table":{"CapacityUnits":0.5}},"Item":"#.utf8)
            + item + Array("}".utf8)
    }
}
