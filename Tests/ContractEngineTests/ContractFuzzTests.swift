import ContractProperties
import Testing

/// A short form of `scripts/fuzz --contract`.
struct ContractFuzzTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedDocumentsAreReadOrRefused(_ seed: UInt64) {
        let (read, violation) = ContractProperties.run(rounds: 0..<500, seed: seed)
        #expect(violation == nil)
        #expect(read > 20)
    }
}
