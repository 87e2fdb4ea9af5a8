import Glibc
import Synchronization

/// SIGTERM, as a word that any thread may look at.
package enum StopRequest {
    private static let word = Atomic<Bool>(false)

    /// From now on SIGTERM ends nothing, but is seen here.
    package static func listen() {
        word.store(false, ordering: .relaxed)
        signal(SIGTERM) { _ in StopRequest.word.store(true, ordering: .relaxed) }
    }

    package static var isThere: Bool { word.load(ordering: .relaxed) }
}
