internal import CTelemetry
internal import Glibc

/// The series of a file. All of it under the writer's lock, except that records take chunks meanwhile.
extension TelemetryFile {
    /// What a series needs: its block and its share of chunks.
    static var seriesNeed: UInt64 { UInt64(TM_SERIES_BYTES) + chunksPerSeries * UInt64(TM_CHUNK_BYTES) }

    /// Whether the file's place for a key holds it.
    static func fits(_ key: SeriesKey) -> Bool {
        key.table.utf8.count + key.index.utf8.count + key.operation.utf8.count + key.pattern.utf8.count
            <= Int(TM_SERIES_KEY_BYTES)
    }

    /// Registers a contract's series at places 1, 2, …: with their share of chunks, else without, else as many as fit.
    func register(_ series: [SeriesKey]) {
        guard !series.isEmpty else { return }
        if !grow(to: need(of: series.count + 1)) {
            _ = grow(to: cursor + UInt64(series.count) * UInt64(TM_SERIES_BYTES))
        }
        for (place, key) in series.enumerated() where !addBlock(key, at: place + 1) { countRefusal() }
    }

    /// Registers one series at a place, with its share of chunks. False when there is no room.
    func register(_ key: SeriesKey, at place: Int) -> Bool {
        // A full file system is asked again now and then, not at every call.
        let worthTrying = refusals % 1024 == 0
        guard worthTrying, place < Int(TM_SERIES_CAPACITY), grow(to: need(of: place + 1)), addBlock(key, at: place)
        else {
            refusals &+= 1
            countRefusal()
            return false
        }
        refusals = 0
        return true
    }

    private var cursor: UInt64 { tm_load(header + Int(TM_WORD_ARENA_CURSOR)) }

    /// The file's size with so many series; more when the pool has been drawn on beyond its measure.
    private func need(of seriesCount: Int) -> UInt64 {
        max(arena + UInt64(seriesCount) * Self.seriesNeed, cursor + Self.seriesNeed) + Self.slack
    }

    func countRefusal() { tm_add(header + Int(TM_WORD_REFUSED_SERIES), 1) }

    /// Makes sure that so many bytes are backed by the file system before anybody touches them.
    private func grow(to needed: UInt64) -> Bool {
        let granted = tm_load(header + Int(TM_WORD_GRANTED))
        guard needed > granted else { return true }
        guard needed <= map.pointee.length, fork.file >= 0 else { return false }
        let rounded = (needed + Self.growthStep - 1) / Self.growthStep * Self.growthStep
        for target in [min(rounded, map.pointee.length), needed]
        where tm_grant(fork.file, granted, target - granted) == 0 {
            tm_store_release(header + Int(TM_WORD_GRANTED), target)
            return true
        }
        return false
    }

    /// Writes a series' block and then publishes it.
    func addBlock(_ key: SeriesKey, at place: Int) -> Bool {
        guard Self.fits(key), place < Int(TM_SERIES_CAPACITY) else { return false }
        let start = tm_take(map, UInt64(TM_SERIES_BYTES))
        guard start != 0 else { return false }
        let block = map.pointee.base + Int(start)
        var lengths: UInt64 = 0
        var target = block + Int(TM_SERIES_KEY_OFFSET) + 8
        for (part, text) in [key.table, key.index, key.operation, key.pattern].enumerated() {
            let bytes = Array(text.utf8)
            target.update(from: bytes, count: bytes.count)
            target += bytes.count
            lengths |= UInt64(bytes.count) << UInt64(16 * part)
        }
        let words = UnsafeMutableRawPointer(block).assumingMemoryBound(to: UInt64.self)
        tm_store(words + Int(TM_SERIES_KEY_OFFSET) / 8, lengths)
        let directory = UnsafeMutableRawPointer(map.pointee.base + Int(TM_SERIES_DIRECTORY_OFFSET))
            .assumingMemoryBound(to: UInt32.self)
        tm_store32_release(directory + place, UInt32(start / UInt64(TM_UNIT)))
        let count = header + Int(TM_WORD_SERIES_COUNT)
        tm_store_release(count, max(tm_load(count), UInt64(place + 1)))
        let address = UInt64(UInt(bitPattern: words))
        // `other` stands in wherever nothing is registered, so that a record always finds a block.
        let places = place == 0 ? 0..<Int(TM_SERIES_CAPACITY) : place..<(place + 1)
        for place in places { tm_store_release(map.pointee.series + place, address) }
        return true
    }
}
