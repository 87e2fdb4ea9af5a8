import Glibc
import Synchronization

/// 64-bit words in a mapped file: what is stored there is there whatever kills the process in the next instant.
///
/// `@unchecked Sendable`: every access is atomic, and the mapping lasts as long as the process.
package final class MappedWords: @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many words there are.
    package let count: Int

    /// Maps the file, which is made, or lengthened, where it is missing or too short.
    package init(path: String, count: Int) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { complainAndExit("\(path) cannot be opened") }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_size >= count * 8 || ftruncate(file, off_t(count * 8)) == 0,
            let mapping = mmap(nil, count * 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), mapping != MAP_FAILED
        else { complainAndExit("\(path) cannot be mapped") }
        words = mapping.assumingMemoryBound(to: Atomic<UInt64>.self)
        self.count = count
    }

    package subscript(place: Int) -> UInt64 {
        get {
            precondition(place < count)
            return words[place].load(ordering: .sequentiallyConsistent)
        }
        set {
            precondition(place < count)
            words[place].store(newValue, ordering: .sequentiallyConsistent)
        }
    }

    /// Adds to a word that other threads add to as well.
    /// - Returns: the sum.
    @discardableResult
    package func add(_ amount: UInt64, at place: Int) -> UInt64 {
        precondition(place < count)
        return words[place].wrappingAdd(amount, ordering: .sequentiallyConsistent).newValue
    }
}

/// Says what is wrong and ends with status 3.
package func complainAndExit(_ what: String) -> Never {
    let text = Array("\(CommandLine.arguments.first ?? "torture"): \(what)\n".utf8)
    _ = write(2, text, text.count)
    exit(3)
}
