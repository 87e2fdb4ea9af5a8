import GRDB
import Glibc

extension Agent {
    /// Lets SQLite's file grow to so many pages and no further: how a test fills the disk.
    package func limitStore(toPages pages: Int) {
        try? store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
    }

    /// The pages of SQLite's file: all, and those of them that hold something.
    package func storePages() throws -> (all: Int, inUse: Int) {
        try store.queue.read { database in
            let all = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            return (all, all - (try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0))
        }
    }

    /// Overwrites the page that the windows' table begins with, as a failing disk would.
    package func damageStore() throws {
        let store = store
        let root = try store.queue.writeWithoutTransaction { database in
            _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            return try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'span'") ?? 1
        }
        let descriptor = Glibc.open(store.path, O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let garbage = [UInt8](repeating: 0xFF, count: 4_096)
        _ = pwrite(descriptor, garbage, garbage.count, off_t((root - 1) * 4_096))
        store.queue.releaseMemory()
    }
}
