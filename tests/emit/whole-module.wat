(module
  (type (;0;) (func (param i32 i32)))
  (type (;1;) (func (param i32 i32 i32 i32)))
  (type (;2;) (func (param i32 i64 i32)))
  (type (;3;) (func (param i64 i64) (result i32)))
  (type (;4;) (func (param i32 i32) (result i32)))
  (type (;5;) (func (param i32 i32 i32) (result i32)))
  (type (;6;) (func (param i32 i64 i64) (result i32)))
  (type (;7;) (func (param i32 i64) (result i32)))
  (type (;8;) (func (param i32 i32 i32 i32 i64 i64 i64)))
  (type (;9;) (func (param i32 i32 i32 i32 i64 i32)))
  (type (;10;) (func (param i32 i64)))
  (type (;11;) (func (param i32 i64 i64 i64) (result i32)))
  (type (;12;) (func (param i32 i64 i64 i64) (result i64)))
  (type (;13;) (func (param i32 i64 i64) (result i64)))
  (type (;14;) (func (param i32 i32 i64) (result i32)))
  (table (;0;) 4 4 funcref)
  (memory (;0;) 10 10)
  (global (;0;) i32 (i32.const 1))
  (export "memory" (memory 0))
  (export "trapkey_abi" (global 0))
  (export "decide" (func $decide))
  (export "decide_batch" (func $decide_batch))
  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $note (param i32 i32 i32 i32)
    (local i32 i32)
    (i32.store offset=64
      (local.tee 4
        (i32.add
          (local.get 0)
          (i32.mul
            (i32.load offset=8
              (local.get 0))
            (i32.const 8))))
      (local.get 1))
    (i32.store offset=68
      (local.get 4)
      (i32.or
        (local.get 2)
        (select
          (i32.const 0)
          (local.get 3)
          (i32.eq
            (local.get 3)
            (i32.const 1)))))
    (local.set 5
      (if (result i32) ;; label = @1
        (i32.eq
          (local.get 3)
          (i32.const 1))
        (then
          (select
            (i32.shl
              (i32.const 1)
              (local.get 2))
            (i32.const 0)
            (i32.lt_u
              (local.get 2)
              (i32.const 2))))
        (else
          (select
            (i32.const 4)
            (i32.const 0)
            (i32.eq
              (local.get 2)
              (i32.const 1))))))
    (i32.store offset=4
      (local.get 0)
      (i32.or
        (i32.load offset=4
          (local.get 0))
        (local.get 5)))
    (i32.store offset=8
      (local.get 0)
      (i32.add
        (i32.load offset=8
          (local.get 0))
        (i32.const 1)))
  )
  (func $note_held (param i32 i64 i32)
    (local i32)
    (i64.store offset=64
      (i32.add
        (i32.mul
          (local.tee 3
            (i32.load offset=8
              (local.get 0)))
          (i32.const 8))
        (local.get 0))
      (local.get 1))
    (i32.store offset=4
      (local.get 0)
      (i32.or
        (i32.load offset=4
          (local.get 0))
        (local.get 2)))
    (i32.store offset=8
      (local.get 0)
      (i32.add
        (local.get 3)
        (i32.const 1)))
  )
  (func $product_overflows (param i64 i64) (result i32)
    (if ;; label = @1
      (i64.eqz
        (local.get 1))
      (then
        (return
          (i32.const 0))))
    (if ;; label = @1
      (i64.eq
        (local.get 1)
        (i64.const -1))
      (then
        (return
          (i64.eq
            (local.get 0)
            (i64.const -9223372036854775808)))))
    (i64.ne
      (i64.div_s
        (i64.mul
          (local.get 0)
          (local.get 1))
        (local.get 1))
      (local.get 0))
  )
  (func $same_string (param i32 i32) (result i32)
    (local i32)
    (if ;; label = @1
      (i32.ne
        (local.tee 2
          (i32.load offset=4
            (local.get 0)))
        (i32.load offset=4
          (local.get 1)))
      (then
        (return
          (i32.const 0))))
    (local.set 0
      (i32.add
        (local.get 0)
        (i32.load
          (local.get 0))))
    (local.set 1
      (i32.add
        (local.get 1)
        (i32.load
          (local.get 1))))
    (local.set 2
      (i32.and
        (i32.add
          (local.get 2)
          (i32.const 7))
        (i32.const -8)))
    (loop ;; label = @1
      (if ;; label = @2
        (i32.eqz
          (local.get 2))
        (then
          (return
            (i32.const 1))))
      (if ;; label = @2
        (i64.ne
          (i64.load
            (local.get 0))
          (i64.load
            (local.get 1)))
        (then
          (return
            (i32.const 0))))
      (local.set 0
        (i32.add
          (local.get 0)
          (i32.const 8)))
      (local.set 1
        (i32.add
          (local.get 1)
          (i32.const 8)))
      (local.set 2
        (i32.sub
          (local.get 2)
          (i32.const 8)))
      (br 0 (;@1;)))
    (i32.const 0)
  )
  (func $is_at_most (param i32 i32) (result i32)
    (local i32 i32 i32 i64 i64 i64)
    (local.set 2
      (i32.add
        (local.get 0)
        (i32.load
          (local.get 0))))
    (local.set 3
      (i32.add
        (local.get 1)
        (i32.load
          (local.get 1))))
    (local.set 4
      (i32.and
        (i32.add
          (select
            (i32.load offset=4
              (local.get 0))
            (i32.load offset=4
              (local.get 1))
            (i32.lt_u
              (i32.load offset=4
                (local.get 0))
              (i32.load offset=4
                (local.get 1))))
          (i32.const 7))
        (i32.const -8)))
    (block ;; label = @1
      (loop ;; label = @2
        (br_if 1 (;@1;)
          (i32.eqz
            (local.get 4)))
        (local.set 5
          (i64.load
            (local.get 2)))
        (if ;; label = @3
          (i64.ne
            (local.tee 6
              (i64.load
                (local.get 3)))
            (local.get 5))
          (then
            (local.set 7
              (i64.and
                (i64.ctz
                  (i64.xor
                    (local.get 5)
                    (local.get 6)))
                (i64.const -8)))
            (return
              (i64.lt_u
                (i64.and
                  (i64.shr_u
                    (local.get 5)
                    (local.get 7))
                  (i64.const 255))
                (i64.and
                  (i64.shr_u
                    (local.get 6)
                    (local.get 7))
                  (i64.const 255))))))
        (local.set 2
          (i32.add
            (local.get 2)
            (i32.const 8)))
        (local.set 3
          (i32.add
            (local.get 3)
            (i32.const 8)))
        (local.set 4
          (i32.sub
            (local.get 4)
            (i32.const 8)))
        (br 0 (;@2;))))
    (i32.le_u
      (i32.load offset=4
        (local.get 0))
      (i32.load offset=4
        (local.get 1)))
  )
  (func $same_bytes (param i32 i32 i32) (result i32)
    (loop ;; label = @1
      (if ;; label = @2
        (i32.eqz
          (local.get 2))
        (then
          (return
            (i32.const 1))))
      (if ;; label = @2
        (i32.ne
          (i32.load8_u
            (local.get 0))
          (i32.load8_u
            (local.get 1)))
        (then
          (return
            (i32.const 0))))
      (local.set 0
        (i32.add
          (local.get 0)
          (i32.const 1)))
      (local.set 1
        (i32.add
          (local.get 1)
          (i32.const 1)))
      (local.set 2
        (i32.sub
          (local.get 2)
          (i32.const 1)))
      (br 0 (;@1;)))
    (i32.const 0)
  )
  (func $has_entity (param i32 i64 i64) (result i32)
    (local i32 i32 i32 i32)
    (local.set 3
      (i32.add
        (local.get 0)
        (i32.load
          (local.get 0))))
    (local.set 4
      (i32.load offset=4
        (local.get 0)))
    (block ;; label = @1
      (loop ;; label = @2
        (br_if 1 (;@1;)
          (i32.le_u
            (local.get 4)
            (i32.const 8)))
        (local.set 6
          (i32.add
            (i32.mul
              (local.tee 5
                (i32.shr_u
                  (local.get 4)
                  (i32.const 1)))
              (i32.const 16))
            (local.get 3)))
        (if ;; label = @3
          (select
            (i64.le_u
              (i64.load
                (local.get 6))
              (local.get 1))
            (i64.lt_u
              (i64.load offset=8
                (local.get 6))
              (local.get 2))
            (i64.eq
              (i64.load offset=8
                (local.get 6))
              (local.get 2)))
          (then
            (local.set 3
              (local.get 6))
            (local.set 4
              (i32.sub
                (local.get 4)
                (local.get 5))))
          (else
            (local.set 4
              (local.get 5))))
        (br 0 (;@2;))))
    (loop ;; label = @1
      (if ;; label = @2
        (i32.eqz
          (local.get 4))
        (then
          (return
            (i32.const 0))))
      (if ;; label = @2
        (i32.and
          (i64.eq
            (i64.load
              (local.get 3))
            (local.get 1))
          (i64.eq
            (i64.load offset=8
              (local.get 3))
            (local.get 2)))
        (then
          (return
            (i32.const 1))))
      (local.set 3
        (i32.add
          (local.get 3)
          (i32.const 16)))
      (local.set 4
        (i32.sub
          (local.get 4)
          (i32.const 1)))
      (br 0 (;@1;)))
    (i32.const 0)
  )
  (func $has_int (param i32 i64) (result i32)
    (local i32 i32 i32 i32)
    (local.set 2
      (i32.add
        (local.get 0)
        (i32.load
          (local.get 0))))
    (local.set 3
      (i32.load offset=4
        (local.get 0)))
    (block ;; label = @1
      (loop ;; label = @2
        (br_if 1 (;@1;)
          (i32.le_u
            (local.get 3)
            (i32.const 8)))
        (local.set 5
          (i32.add
            (i32.mul
              (local.tee 4
                (i32.shr_u
                  (local.get 3)
                  (i32.const 1)))
              (i32.const 8))
            (local.get 2)))
        (if ;; label = @3
          (i64.le_s
            (i64.load
              (local.get 5))
            (local.get 1))
          (then
            (local.set 2
              (local.get 5))
            (local.set 3
              (i32.sub
                (local.get 3)
                (local.get 4))))
          (else
            (local.set 3
              (local.get 4))))
        (br 0 (;@2;))))
    (loop ;; label = @1
      (if ;; label = @2
        (i32.eqz
          (local.get 3))
        (then
          (return
            (i32.const 0))))
      (if ;; label = @2
        (i64.eq
          (i64.load
            (local.get 2))
          (local.get 1))
        (then
          (return
            (i32.const 1))))
      (local.set 2
        (i32.add
          (local.get 2)
          (i32.const 8)))
      (local.set 3
        (i32.sub
          (local.get 3)
          (i32.const 1)))
      (br 0 (;@1;)))
    (i32.const 0)
  )
  (func $has_string (param i32 i32) (result i32)
    (local i32 i32 i32 i32)
    (local.set 2
      (i32.add
        (local.get 0)
        (i32.load
          (local.get 0))))
    (local.set 3
      (i32.load offset=4
        (local.get 0)))
    (block ;; label = @1
      (loop ;; label = @2
        (br_if 1 (;@1;)
          (i32.le_u
            (local.get 3)
            (i32.const 8)))
        (local.set 5
          (i32.add
            (i32.mul
              (local.tee 4
                (i32.shr_u
                  (local.get 3)
                  (i32.const 1)))
              (i32.const 8))
            (local.get 2)))
        (if ;; label = @3
          (call $is_at_most
            (local.get 5)
            (local.get 1))
          (then
            (local.set 2
              (local.get 5))
            (local.set 3
              (i32.sub
                (local.get 3)
                (local.get 4))))
          (else
            (local.set 3
              (local.get 4))))
        (br 0 (;@2;))))
    (loop ;; label = @1
      (if ;; label = @2
        (i32.eqz
          (local.get 3))
        (then
          (return
            (i32.const 0))))
      (if ;; label = @2
        (call $same_string
          (local.get 2)
          (local.get 1))
        (then
          (return
            (i32.const 1))))
      (local.set 2
        (i32.add
          (local.get 2)
          (i32.const 8)))
      (local.set 3
        (i32.sub
          (local.get 3)
          (i32.const 1)))
      (br 0 (;@1;)))
    (i32.const 0)
  )
  (func $in_range (param i32 i32) (result i32)
    (local i32 i64 i64)
    (if ;; label = @1
      (i32.or
        (i32.ne
          (i32.load8_u offset=17
            (local.get 0))
          (i32.load8_u offset=17
            (local.get 1)))
        (i32.lt_u
          (i32.load8_u offset=16
            (local.get 0))
          (i32.load8_u offset=16
            (local.get 1))))
      (then
        (return
          (i32.const 0))))
    (local.set 2
      (i32.sub
        (select
          (i32.const 128)
          (i32.const 32)
          (i32.load8_u offset=17
            (local.get 0)))
        (i32.load8_u offset=16
          (local.get 1))))
    (local.set 3
      (i64.xor
        (i64.load
          (local.get 0))
        (i64.load
          (local.get 1))))
    (local.set 4
      (i64.xor
        (i64.load offset=8
          (local.get 0))
        (i64.load offset=8
          (local.get 1))))
    (if ;; label = @1
      (i32.lt_u
        (local.get 2)
        (i32.const 64))
      (then
        (return
          (i64.eqz
            (i64.or
              (i64.shr_u
                (local.get 3)
                (i64.extend_i32_u
                  (local.get 2)))
              (local.get 4))))))
    (i32.or
      (i32.eq
        (local.get 2)
        (i32.const 128))
      (i64.eqz
        (i64.shr_u
          (local.get 4)
          (i64.extend_i32_u
            (i32.sub
              (local.get 2)
              (i32.const 64))))))
  )
  (func $like (param i32 i32) (result i32)
    (local i32 i32 i32 i32 i32)
    (local.set 2
      (i32.add
        (local.tee 0
          (i32.add
            (local.get 0)
            (i32.load
              (local.get 0)))
          (local.set 2
            (i32.load offset=4
              (local.get 0))))
        (local.get 2)))
    (local.set 3
      (i32.add
        (local.get 1)
        (i32.const 16)))
    (local.set 4
      (i32.load
        (local.get 1)))
    (if ;; label = @1
      (i32.eqz
        (i32.load offset=4
          (local.get 1)))
      (then
        (local.set 5
          (i32.load offset=4
            (local.tee 6
              (local.get 3))))
        (local.set 6
          (i32.add
            (local.get 6)
            (i32.load
              (local.get 6))))
        (if ;; label = @2
          (i32.lt_u
            (i32.sub
              (local.get 2)
              (local.get 0))
            (local.get 5))
          (then
            (return
              (i32.const 0))))
        (if ;; label = @2
          (i32.eqz
            (call $same_bytes
              (local.get 0)
              (local.get 6)
              (local.get 5)))
          (then
            (return
              (i32.const 0))))
        (local.set 0
          (i32.add
            (local.get 0)
            (local.get 5)))
        (local.set 3
          (i32.add
            (local.get 3)
            (i32.const 8)))
        (local.set 4
          (i32.sub
            (local.get 4)
            (i32.const 1)))))
    (if ;; label = @1
      (i32.eqz
        (i32.load offset=8
          (local.get 1)))
      (then
        (local.set 5
          (i32.load offset=4
            (local.tee 6
              (i32.add
                (i32.mul
                  (local.tee 4
                    (i32.sub
                      (local.get 4)
                      (i32.const 1)))
                  (i32.const 8))
                (local.get 3)))))
        (local.set 6
          (i32.add
            (local.get 6)
            (i32.load
              (local.get 6))))
        (if ;; label = @2
          (i32.lt_u
            (i32.sub
              (local.get 2)
              (local.get 0))
            (local.get 5))
          (then
            (return
              (i32.const 0))))
        (if ;; label = @2
          (i32.eqz
            (call $same_bytes
              (local.tee 2
                (i32.sub
                  (local.get 2)
                  (local.get 5)))
              (local.get 6)
              (local.get 5)))
          (then
            (return
              (i32.const 0))))))
    (loop ;; label = @1
      (if ;; label = @2
        (i32.eqz
          (local.get 4))
        (then
          (return
            (i32.const 1))))
      (local.set 5
        (i32.load offset=4
          (local.tee 6
            (local.get 3))))
      (local.set 6
        (i32.add
          (local.get 6)
          (i32.load
            (local.get 6))))
      (loop ;; label = @2
        (if ;; label = @3
          (i32.lt_u
            (i32.sub
              (local.get 2)
              (local.get 0))
            (local.get 5))
          (then
            (return
              (i32.const 0))))
        (if ;; label = @3
          (i32.eqz
            (call $same_bytes
              (local.get 0)
              (local.get 6)
              (local.get 5)))
          (then
            (local.set 0
              (i32.add
                (local.get 0)
                (i32.const 1)))
            (br 1 (;@2;)))))
      (local.set 0
        (i32.add
          (local.get 0)
          (local.get 5)))
      (local.set 3
        (i32.add
          (local.get 3)
          (i32.const 8)))
      (local.set 4
        (i32.sub
          (local.get 4)
          (i32.const 1)))
      (br 0 (;@1;)))
    (i32.const 0)
  )
  (func $tag (param i32 i32 i32) (result i32)
    (local i32 i32)
    (local.set 4
      (i32.add
        (local.tee 3
          (i32.add
            (local.get 0)
            (i32.load
              (local.get 0))))
        (i32.mul
          (i32.load offset=4
            (local.get 0))
          (local.get 1))))
    (loop ;; label = @1
      (if ;; label = @2
        (i32.ge_u
          (local.get 3)
          (local.get 4))
        (then
          (return
            (i32.const 0))))
      (if ;; label = @2
        (call $same_string
          (local.get 3)
          (local.get 2))
        (then
          (return
            (i32.add
              (local.get 3)
              (i32.const 8)))))
      (local.set 3
        (i32.add
          (local.get 3)
          (local.get 1)))
      (br 0 (;@1;)))
    (i32.const 0)
  )
  (func $directory (param i32 i64 i64) (result i32)
    (local i32 i32)
    (local.set 4
      (i32.add
        (local.tee 3
          (i32.add
            (local.get 0)
            (i32.load offset=116
              (local.get 0))))
        (i32.mul
          (i32.load offset=120
            (local.get 0))
          (i32.const 24))))
    (loop ;; label = @1
      (if ;; label = @2
        (i32.ge_u
          (local.get 3)
          (local.get 4))
        (then
          (return
            (i32.const 0))))
      (if ;; label = @2
        (i32.and
          (i64.eq
            (i64.load
              (local.get 3))
            (local.get 1))
          (i64.eq
            (i64.load offset=8
              (local.get 3))
            (local.get 2)))
        (then
          (return
            (i32.add
              (local.get 0)
              (i32.load offset=16
                (local.get 3))))))
      (local.set 3
        (i32.add
          (local.get 3)
          (i32.const 24)))
      (br 0 (;@1;)))
    (i32.const 0)
  )
  (func $dispatch (param i32 i32 i32 i32 i64 i64 i64)
    (local i32)
    (local.set 7
      (i32.add
        (i32.mul
          (i32.and
            (i32.wrap_i64
              (i64.shr_u
                (local.get 5)
                (local.get 4)))
            (local.get 3))
          (i32.const 24))
        (local.get 2)))
    (loop ;; label = @1
      (if ;; label = @2
        (i32.and
          (i64.eq
            (i64.load
              (local.get 7))
            (local.get 5))
          (i64.eq
            (i64.load offset=8
              (local.get 7))
            (local.get 6)))
        (then
          (if ;; label = @3
            (i64.eqz
              (i64.or
                (local.get 5)
                (local.get 6)))
            (then
              (return)))
          (call_indirect (type 0)
            (local.get 0)
            (local.get 1)
            (i32.load offset=16
              (local.get 7)))
          (return)))
      (if ;; label = @2
        (i64.eqz
          (i64.or
            (i64.load
              (local.get 7))
            (i64.load offset=8
              (local.get 7))))
        (then
          (return)))
      (local.set 7
        (i32.add
          (local.get 7)
          (i32.const 24)))
      (br 0 (;@1;)))
  )
  (func $dispatch_set (param i32 i32 i32 i32 i64 i32)
    (local i32 i32)
    (local.set 7
      (i32.add
        (local.tee 6
          (i32.add
            (local.get 5)
            (i32.load
              (local.get 5))))
        (i32.mul
          (i32.load offset=4
            (local.get 5))
          (i32.const 16))))
    (loop ;; label = @1
      (if ;; label = @2
        (i32.ge_u
          (local.get 6)
          (local.get 7))
        (then
          (return)))
      (call $dispatch
        (local.get 0)
        (local.get 1)
        (local.get 2)
        (local.get 3)
        (local.get 4)
        (i64.load
          (local.get 6))
        (i64.load offset=8
          (local.get 6)))
      (local.set 6
        (i32.add
          (local.get 6)
          (i32.const 16)))
      (br 0 (;@1;)))
  )
  (func $turn (param i32 i64)
    (if ;; label = @1
      (i64.lt_u
        (local.get 1)
        (i64.load offset=16
          (local.get 0)))
      (then
        (i64.store offset=16
          (local.get 0)
          (local.get 1))))
  )
  (func $less (param i32 i64 i64 i64) (result i32)
    (if (result i32) ;; label = @1
      (i64.lt_s
        (local.get 1)
        (local.get 2))
      (then
        (if ;; label = @2
          (i64.gt_s
            (local.get 3)
            (i64.const 0))
          (then
            (call $turn
              (local.get 0)
              (i64.add
                (i64.div_u
                  (i64.sub
                    (i64.sub
                      (local.get 2)
                      (local.get 1))
                    (i64.const 1))
                  (local.get 3))
                (i64.const 1)))))
        (i32.const 1))
      (else
        (if ;; label = @2
          (i64.lt_s
            (local.get 3)
            (i64.const 0))
          (then
            (call $turn
              (local.get 0)
              (i64.add
                (i64.div_u
                  (i64.sub
                    (local.get 1)
                    (local.get 2))
                  (i64.sub
                    (i64.const 0)
                    (local.get 3)))
                (i64.const 1)))))
        (i32.const 0)))
  )
  (func $same (param i32 i64 i64 i64) (result i32)
    (local i64)
    (if ;; label = @1
      (i64.eq
        (local.get 1)
        (local.get 2))
      (then
        (call $turn
          (local.get 0)
          (i64.const 1))
        (return
          (i32.const 1))))
    (if ;; label = @1
      (i32.eq
        (i64.lt_s
          (local.get 1)
          (local.get 2))
        (i64.gt_s
          (local.get 3)
          (i64.const 0)))
      (then
        (local.set 4
          (select
            (i64.sub
              (local.get 2)
              (local.get 1))
            (i64.sub
              (i64.const 0)
              (i64.sub
                (local.get 2)
                (local.get 1)))
            (i64.lt_s
              (local.get 1)
              (local.get 2))))
        (local.set 3
          (select
            (i64.sub
              (i64.const 0)
              (local.get 3))
            (local.get 3)
            (i64.lt_s
              (local.get 3)
              (i64.const 0))))
        (if ;; label = @2
          (i64.eqz
            (i64.rem_u
              (local.get 4)
              (local.get 3)))
          (then
            (call $turn
              (local.get 0)
              (i64.div_u
                (local.get 4)
                (local.get 3)))))))
    (i32.const 0)
  )
  (func $step (param i32 i64 i64 i64) (result i64)
    (local i64 i64)
    (local.set 4
      (i64.div_s
        (local.get 1)
        (local.get 2)))
    (local.set 5
      (i64.rem_s
        (local.get 1)
        (local.get 2)))
    (call $turn
      (local.get 0)
      (i64.add
        (i64.div_u
          (i64.sub
            (if (result i64) ;; label = @1
              (i64.gt_s
                (local.get 3)
                (i64.const 0))
              (then
                (i64.sub
                  (select
                    (i64.const 1)
                    (local.get 2)
                    (i64.lt_s
                      (local.get 4)
                      (i64.const 0)))
                  (local.get 5)))
              (else
                (i64.add
                  (select
                    (i64.const 1)
                    (local.get 2)
                    (i64.gt_s
                      (local.get 4)
                      (i64.const 0)))
                  (local.get 5))))
            (local.set 3
              (select
                (i64.sub
                  (i64.const 0)
                  (local.get 3))
                (local.get 3)
                (i64.lt_s
                  (local.get 3)
                  (i64.const 0))))
            (i64.const 1))
          (local.get 3))
        (i64.const 1)))
    (local.get 4)
  )
  (func $midnight (param i32 i64 i64) (result i64)
    (call $turn
      (local.get 0)
      (i64.add
        (i64.div_u
          (i64.sub
            (if (result i64) ;; label = @1
              (i64.gt_s
                (local.get 2)
                (i64.const 0))
              (then
                (i64.sub
                  (i64.const 86400000)
                  (local.get 1)))
              (else
                (i64.add
                  (local.get 1)
                  (i64.const 1))))
            (local.set 2
              (select
                (i64.sub
                  (i64.const 0)
                  (local.get 2))
                (local.get 2)
                (i64.lt_s
                  (local.get 2)
                  (i64.const 0))))
            (i64.const 1))
          (local.get 2))
        (i64.const 1)))
    (local.get 1)
  )
  (func $drift (param i32 i64 i64) (result i64)
    (call $turn
      (local.get 0)
      (i64.add
        (i64.div_u
          (if (result i64) ;; label = @1
            (i64.gt_s
              (local.get 2)
              (i64.const 0))
            (then
              (i64.sub
                (i64.const 9223372036854775807)
                (local.get 1)))
            (else
              (i64.sub
                (local.get 1)
                (i64.const -9223372036854775808))))
          (local.set 2
            (select
              (i64.sub
                (i64.const 0)
                (local.get 2))
              (local.get 2)
              (i64.lt_s
                (local.get 2)
                (i64.const 0))))
          (local.get 2))
        (i64.const 1)))
    (local.get 1)
  )
  (func $is_before (param i32 i32 i64) (result i32)
    (if ;; label = @1
      (i32.eqz
        (i32.and
          (i32.load offset=80
            (local.get 0))
          (i32.const 1)))
      (then
        (return
          (i32.const 0))))
    (if ;; label = @1
      (i64.ge_s
        (i64.load offset=72
          (local.get 0))
        (local.get 2))
      (then
        (return
          (i32.const 0))))
    (call $turn
      (local.get 1)
      (i64.sub
        (local.get 2)
        (i64.load offset=72
          (local.get 0))))
    (i32.const 1)
  )
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (if ;; label = @1
      (call $like
        (i32.add
          (local.get $frame)
          (i32.const 376))
        (i32.const 1024))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (func $decide (param i32 i32)
    (local i32 i32)
    (i64.store
      (local.get 1)
      (i64.const 0))
    (i64.store offset=8
      (local.get 1)
      (i64.const 0))
    (i64.store offset=16
      (local.get 1)
      (i64.const -1))
    (i64.store offset=24
      (local.get 1)
      (i64.const 0))
    (i64.store offset=32
      (local.get 1)
      (i64.const 0))
    (i64.store offset=40
      (local.get 1)
      (i64.const 0))
    (i64.store offset=48
      (local.get 1)
      (i64.const 0))
    (i64.store offset=56
      (local.get 1)
      (i64.const 0))
    (if ;; label = @1
      (i32.ge_u
        (local.tee 2
          (i32.load offset=28
            (local.get 0)))
        (i32.const 4))
      (then
        (i32.store offset=4
          (local.get 1)
          (i32.const 8))
        (i32.store16
          (local.get 1)
          (i32.const 1280))
        (i32.store offset=12
          (local.get 1)
          (i32.add
            (i32.mul
              (i32.load offset=8
                (local.get 1))
              (i32.const 8))
            (i32.const 64)))
        (return)))
    (call_indirect (type 0)
      (local.get 0)
      (local.get 1)
      (local.get 2))
    (i32.store16
      (local.get 1)
      (if (result i32) ;; label = @1
        (i32.and
          (local.tee 3
            (i32.load offset=4
              (local.get 1)))
          (i32.const 2))
        (then
          (i32.const 512))
        (else
          (if (result i32) ;; label = @2
            (i32.and
              (local.get 3)
              (i32.const 4))
            (then
              (i32.const 1024))
            (else
              (select
                (i32.const 257)
                (i32.const 768)
                (i32.and
                  (local.get 3)
                  (i32.const 1))))))))
    (i32.store offset=12
      (local.get 1)
      (i32.add
        (i32.mul
          (i32.load offset=8
            (local.get 1))
          (i32.const 8))
        (i32.const 64)))
  )
  (func $decide_batch (param i32 i32 i32 i32)
    (block ;; label = @1
      (loop ;; label = @2
        (br_if 1 (;@1;)
          (i32.eqz
            (local.get 1)))
        (call $decide
          (local.get 0)
          (local.get 3))
        (local.set 0
          (i32.add
            (local.get 0)
            (local.get 2)))
        (local.set 3
          (i32.add
            (local.get 3)
            (i32.const 128)))
        (local.set 1
          (i32.sub
            (local.get 1)
            (i32.const 1)))
        (br 0 (;@2;))))
  )
  (data (;0;) (i32.const 1024) "\01\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\08\00\00\00\01\00\00\00a\00\00\00\00\00\00\00")
)
