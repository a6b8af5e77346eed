  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32 i32)
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i32.ne
          (i32.load offset=128
            (local.get $frame))
          (i32.const 0))
        (then
          (local.set 3
            (i32.add
              (local.tee 2
                (i32.add
                  (local.tee 2
                    (select
                      (i32.add
                        (local.tee 5
                          (i32.load offset=128
                            (local.get $frame)))
                        (local.get $frame))
                      (i32.const 0)
                      (local.get 5)))
                  (i32.load
                    (local.get 2)))
                (local.set 3
                  (i32.mul
                    (i32.load offset=4
                      (local.get 2))
                    (i32.const 16))))
              (local.get 3)))
          (local.set 4
            (i32.const 0))
          (block ;; label = @2
            (loop ;; label = @3
              (br_if 1 (;@2;)
                (i32.ge_u
                  (local.get 2)
                  (local.get 3)))
              (br_if 1 (;@2;)
                (local.tee 4
                  (call $has_entity
                    (i32.add
                      (local.get $frame)
                      (i32.const 160))
                    (local.set 5
                      (local.get 2))
                    (i64.load
                      (local.get 5))
                    (i64.load offset=8
                      (local.get 5)))))
              (local.set 2
                (i32.add
                  (local.get 2)
                  (i32.const 16)))
              (br 0 (;@3;))))
          (local.get 4))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
